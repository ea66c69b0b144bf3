-- The orders of a batch that take from one product share a movement; see PostgreSQL's for what it means.
alter table stock_movement add column orders text;
