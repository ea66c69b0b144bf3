-- Carts, payments, an order's history, lists in the order of time, and readers of the event log. The
-- same tables and columns as for PostgreSQL; see there for what they mean.

create table cart (
  user_id text primary key,
  lines text not null,
  updated_at bigint not null,
  version bigint not null
) without rowid;

create table payment (
  reference text primary key,
  order_id bigint not null,
  amount bigint not null,
  created_at bigint not null
) without rowid;

alter table orders add column changes text not null default '[]';

create index orders_user_created on orders (user_id, created_at, id);
drop index orders_user;
create index orders_created on orders (created_at, id);
alter table orders add column unpaid_since bigint;
create index orders_unpaid on orders (unpaid_since) where unpaid_since is not null;

create table event_reader (
  consumer text primary key,
  xid bigint not null,
  id bigint not null
) without rowid;
