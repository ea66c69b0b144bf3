-- Carts, payments, an order's history, lists in the order of time, and readers of the event log.

create table cart (
  user_id uuid primary key,
  lines json not null,                 -- [{"product_id","quantity","seen_price"}]
  updated_at bigint not null,
  version bigint not null
) with (fillfactor = 70);

-- A payment's reference counts once in the shop.
create table payment (
  reference text primary key,
  order_id bigint not null,
  amount bigint not null,
  created_at bigint not null
);

-- What happened since the order was placed: [{"v","k","s","b","t"}], see actors/messages/codec.hpp. The
-- default costs a new order nothing.
alter table orders add column changes json not null default '[]';

-- Lists are newest first; ids grow with time only within a shard.
create index orders_user_created on orders (user_id, created_at, id);
drop index orders_user;
create index orders_created on orders (created_at, id);

-- Since when an order waits to be paid in advance; null: it does not. A column of its own, because a
-- status that an index depends on could not change in place.
alter table orders add column unpaid_since bigint;
create index orders_unpaid on orders (unpaid_since) where unpaid_since is not null;


-- The log is only ever read in this order.
alter table event drop constraint event_pkey;
alter table event add primary key (xid, id);

-- How far each reader of the log has come.
create table event_reader (
  consumer text primary key,
  xid bigint not null,
  id bigint not null
);
