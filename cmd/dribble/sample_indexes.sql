-- Made after the rows, which is quicker. ANALYZE gives the row counts that the
-- schema tree shows.
CREATE INDEX subscriptions_customer ON subscriptions (customer_id);
CREATE INDEX orders_placed ON orders (placed_at);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_subscription ON orders (subscription_id);
CREATE INDEX order_items_order ON order_items (order_id);
CREATE INDEX order_items_bean ON order_items (bean_id);
CREATE UNIQUE INDEX shipments_order ON shipments (order_id);
ANALYZE;
