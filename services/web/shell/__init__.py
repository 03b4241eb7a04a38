"""The shared edge of pages and answers: layout, assets, paging, forms, error documents."""
