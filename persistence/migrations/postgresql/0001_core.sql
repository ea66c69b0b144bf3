-- The core of the shop: who owns what, users, catalog, stock, orders, events, idempotency.
--
-- Times are milliseconds since 1970 (UTC), money is minor units, both bigint. Enums are the numbers of
-- actors/domain. Foreign keys guard what is written rarely; the hot tables (orders, stock_movement,
-- event) have none, because their only writers are the shards and every key costs each order.

-- Facts fixed when the database is created: shards, currency, the token secret.
create table setting (
  key text primary key,
  value text not null
);

-- One row a writer: its batch number tells, after a COMMIT that got no answer, whether it happened.
create table writer (
  id text primary key,
  batch bigint not null
);

-- Who may write a shard's keys. A takeover raises the epoch, a shard's restart its incarnation.
create table ownership (
  domain smallint not null,
  shard integer not null,
  node text not null,
  epoch bigint not null,
  incarnation bigint not null,
  primary key (domain, shard)
) with (fillfactor = 50);

-- Ids are `counter * shards + shard`; `next` is the first counter that nobody has taken.
create table id_block (
  domain smallint not null,
  shard integer not null,
  next bigint not null,
  primary key (domain, shard)
);

create table users (
  id uuid primary key,
  username text not null,
  username_key text not null unique,   -- folded: compared without regard to case
  email text not null,                 -- empty: none
  email_key text unique,               -- folded; null: none
  password_hash text not null,
  first_name text not null,
  last_name text not null,
  full_name text not null,
  phone text not null,
  role smallint not null,
  disabled smallint not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
);

create index users_admin on users (id) where role = 1;

create table category (
  id bigint primary key,
  parent_id bigint references category (id),
  name text not null,
  created_at bigint not null,
  version bigint not null
);
create index category_parent on category (parent_id);

create table product (
  id bigint primary key,
  external_id text unique,
  name text not null,
  price bigint not null check (price >= 0),
  detail text not null,
  category_id bigint references category (id),
  deleted smallint not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
);
create index product_category on product (category_id, id);

-- The count on hand. Changed only by deltas, by every node: the condition in the update is the
-- arbiter, the check is the last line. Half of each page stays free for heap-only updates.
create table stock (
  product_id bigint primary key references product (id),
  quantity bigint not null check (quantity >= 0),
  version bigint not null,
  updated_at bigint not null
) with (fillfactor = 50);

-- Every change of a count. The sum of a product's deltas is its count.
create table stock_movement (
  product_id bigint not null,
  id bigint generated always as identity,
  delta bigint not null,
  reason text not null,
  order_id bigint,                     -- null: not because of an order
  created_at bigint not null,
  primary key (product_id, id)
);

-- An order is one document: its lines are as they were when it was placed.
create table orders (
  id bigint primary key,
  user_id uuid not null,
  status smallint not null,
  payment smallint not null,
  lines json not null,                 -- [{"id","product_id","name","price","quantity"}]
  total_quantity bigint not null,
  total_amount bigint not null,
  currency text not null,
  shipping_address json,
  note text not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
) with (fillfactor = 90);
create index orders_user on orders (user_id, id);

-- Ids are not in the order of commits; whoever reads events in order reads below the oldest running
-- transaction (xid < pg_snapshot_xmin(pg_current_snapshot())).
create table event (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  kind text not null,
  subject text not null,
  payload json not null,
  created_at bigint not null
);

-- Kept answers. `id` is a hash of (user, method, path, key).
create table idempotency (
  id text primary key,
  fingerprint text not null,
  answer text not null,
  created_at bigint not null
);
create index idempotency_created on idempotency (created_at);
