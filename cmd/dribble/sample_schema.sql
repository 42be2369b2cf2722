-- The Roastery sample: a coffee roaster's shop. Rows are made by the program.
CREATE TABLE beans (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE,
  origin        TEXT NOT NULL,
  region        TEXT NOT NULL,
  process       TEXT NOT NULL,
  roast         TEXT NOT NULL CHECK (roast IN ('light', 'medium', 'dark')),
  tasting_notes TEXT,
  price         DECIMAL(8,2) NOT NULL,
  stock_bags    INTEGER NOT NULL,
  next_delivery DATE
);

CREATE TABLE customers (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  email      TEXT NOT NULL UNIQUE,
  city       TEXT NOT NULL,
  country    TEXT NOT NULL,
  joined_on  DATE NOT NULL,
  newsletter BOOLEAN NOT NULL
);

CREATE TABLE subscriptions (
  id          INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  bean_id     INTEGER NOT NULL REFERENCES beans (id),
  bags        INTEGER NOT NULL,
  every_days  INTEGER NOT NULL,
  started_on  DATE NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('active', 'paused', 'ended'))
);

CREATE TABLE orders (
  id              INTEGER PRIMARY KEY,
  customer_id     INTEGER NOT NULL REFERENCES customers (id),
  subscription_id INTEGER REFERENCES subscriptions (id),
  placed_at       TIMESTAMP NOT NULL,
  status          TEXT NOT NULL CHECK (status IN ('packing', 'shipped', 'delivered', 'skipped', 'cancelled')),
  total           DECIMAL(10,2) NOT NULL,
  note            TEXT
);

CREATE TABLE order_items (
  id         INTEGER PRIMARY KEY,
  order_id   INTEGER NOT NULL REFERENCES orders (id),
  bean_id    INTEGER NOT NULL REFERENCES beans (id),
  quantity   INTEGER NOT NULL,
  grind      TEXT NOT NULL,
  unit_price DECIMAL(8,2) NOT NULL
);

CREATE TABLE shipments (
  id           INTEGER PRIMARY KEY,
  order_id     INTEGER NOT NULL REFERENCES orders (id),
  carrier      TEXT NOT NULL,
  tracking     TEXT NOT NULL,
  shipped_at   TIMESTAMP NOT NULL,
  delivered_at TIMESTAMP
);

CREATE VIEW daily_revenue AS
SELECT date(o.placed_at) AS day, count(*) AS orders, round(sum(o.total), 2) AS revenue
FROM orders o
WHERE o.status NOT IN ('skipped', 'cancelled')
GROUP BY 1;

CREATE VIEW bean_sales AS
SELECT b.id, b.name, b.origin, sum(i.quantity) AS bags, round(sum(i.quantity * i.unit_price), 2) AS revenue
FROM beans b
JOIN order_items i ON i.bean_id = b.id
JOIN orders o ON o.id = i.order_id
WHERE o.status NOT IN ('skipped', 'cancelled')
GROUP BY b.id;
