-- How new the figures of some units are, by the topic of their facts: when the newest was recorded, if there is any, and how
-- many minutes before the instant {at}. A topic says in queries/parts/fresh_<topic>.sql what is its newest.
SELECT
    topic,
    if(is_known, toNullable(newest), NULL) AS newest_at,
    if(is_known, toNullable(dateDiff('second', newest, {at:DateTime64(6, 'UTC')}) / 60), NULL) AS old_minutes
FROM
(
    {each topic}
)
ORDER BY place
