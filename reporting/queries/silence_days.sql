-- What is known of each of some units on each of some days that are over; reporting/silence.py says what it makes.
{silence days}
ORDER BY unit_code, day
