-- The orders of a batch that take from one product share a movement, as they share the change of its
-- count.

-- [[order id, delta], ...] if there are several: `order_id` is the first of them then, `delta` their sum.
alter table stock_movement add column orders text;
