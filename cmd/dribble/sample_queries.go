package main

// sampleQuery is one of the questions the first-run page offers.
type sampleQuery struct {
	Name string
	Note string // what the query shows of SQL
	SQL  string
}

// sampleQueries lists the questions to the Roastery sample, the first one
// largest on the page. They count back from the newest order rather than from
// today, so a sample made last month still answers.
func sampleQueries() []sampleQuery {
	return []sampleQuery{
		{"Best-selling beans this month", "JOIN, GROUP BY", bestSellingSQL},
		{"Which subscribers have skipped two shipments?", "LEFT JOIN, HAVING", skippedSQL},
		{"How long from order to doorstep, by country?", "cume_dist, FILTER", doorstepSQL},
		{"Which beans run out before the next delivery?", "window functions", runOutSQL},
		{"A query that is slow on purpose", "Explain", slowSQL},
	}
}

const bestSellingSQL = `SELECT b.name, b.origin, sum(i.quantity) AS bags
FROM   order_items i
JOIN   beans b ON b.id = i.bean_id
JOIN   orders o ON o.id = i.order_id
WHERE  o.placed_at >= (SELECT date(max(placed_at), 'start of month') FROM orders)
GROUP  BY 1, 2
ORDER  BY bags DESC LIMIT 5;`

const skippedSQL = `SELECT c.name, c.country, s.every_days,
       count(*) AS planned,
       count(*) - count(h.id) AS skipped
FROM   subscriptions s
JOIN   customers c ON c.id = s.customer_id
JOIN   orders o ON o.subscription_id = s.id
LEFT JOIN shipments h ON h.order_id = o.id
WHERE  s.status = 'active'
  AND  o.placed_at >= (SELECT date(max(placed_at), '-120 days') FROM orders)
GROUP  BY s.id
HAVING count(*) - count(h.id) >= 2
ORDER  BY skipped DESC, c.name;`

const doorstepSQL = `WITH trips AS (
  SELECT c.country,
         julianday(h.delivered_at) - julianday(o.placed_at) AS days
  FROM   shipments h
  JOIN   orders o ON o.id = h.order_id
  JOIN   customers c ON c.id = o.customer_id
  WHERE  h.delivered_at IS NOT NULL
), ranked AS (
  SELECT country, days, cume_dist() OVER (PARTITION BY country ORDER BY days) AS share
  FROM   trips
)
SELECT country,
       count(*) AS parcels,
       round(min(days) FILTER (WHERE share >= 0.5), 1) AS median_days,
       round(min(days) FILTER (WHERE share >= 0.9), 1) AS slowest_tenth_days
FROM   ranked
GROUP  BY country
ORDER  BY median_days;`

const runOutSQL = `WITH newest AS (
  SELECT date(max(placed_at)) AS day FROM orders
), daily AS (
  SELECT i.bean_id, date(o.placed_at) AS day, sum(i.quantity) AS bags
  FROM   order_items i
  JOIN   orders o ON o.id = i.order_id
  WHERE  o.placed_at >= (SELECT date(day, '-28 days') FROM newest)
  GROUP  BY 1, 2
), pace AS (
  SELECT bean_id,
         avg(bags) OVER (PARTITION BY bean_id ORDER BY day ROWS 13 PRECEDING) AS bags_a_day,
         row_number() OVER (PARTITION BY bean_id ORDER BY day DESC) AS age
  FROM   daily
)
SELECT b.name, b.stock_bags, round(p.bags_a_day, 1) AS bags_a_day, b.next_delivery,
       date(n.day, floor(b.stock_bags / p.bags_a_day) || ' days') AS runs_out
FROM   pace p JOIN beans b ON b.id = p.bean_id JOIN newest n
WHERE  p.age = 1 AND runs_out < b.next_delivery
ORDER  BY runs_out, b.name;`

const slowSQL = `-- The join compares text made on the spot, so no index helps. Explain shows it.
SELECT c.country, count(*) AS orders, round(sum(o.total)) AS revenue
FROM   customers c
JOIN   orders o ON CAST(o.customer_id AS TEXT) = CAST(c.id AS TEXT)
WHERE  o.placed_at >= (SELECT date(max(placed_at), '-365 days') FROM orders)
GROUP  BY c.country
ORDER  BY revenue DESC;`
