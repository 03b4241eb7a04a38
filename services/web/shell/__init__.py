"""What every page and every answer shares: layout, assets, paging, forms, error documents."""
