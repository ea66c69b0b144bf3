-- The core of the shop: who owns what, users, catalog, stock, orders, events, idempotency.
--
-- The same tables and columns as for PostgreSQL; see there for what they mean. SQLite has one writer,
-- so event ids are in the order of commits and `xid` is not needed.
--
-- Whatever may exceed 31 bits is `bigint`: SOCI takes a column declared `integer` for an int. A rowid
-- has to be `integer primary key`; statements cast those.

create table setting (
  key text primary key,
  value text not null
) without rowid;

create table writer (
  id text primary key,
  batch bigint not null
) without rowid;

create table ownership (
  domain integer not null,
  shard integer not null,
  node text not null,
  epoch bigint not null,
  incarnation bigint not null,
  primary key (domain, shard)
) without rowid;

create table id_block (
  domain integer not null,
  shard integer not null,
  next bigint not null,
  primary key (domain, shard)
) without rowid;

create table users (
  id text primary key,
  username text not null,
  username_key text not null unique,
  email text not null,
  email_key text unique,
  password_hash text not null,
  first_name text not null,
  last_name text not null,
  full_name text not null,
  phone text not null,
  role integer not null,
  disabled integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
);

create index users_admin on users (id) where role = 1;

create table category (
  id integer primary key,
  parent_id bigint references category (id),
  name text not null,
  created_at bigint not null,
  version bigint not null
);
create index category_parent on category (parent_id);

create table product (
  id integer primary key,
  external_id text unique,
  name text not null,
  price bigint not null check (price >= 0),
  detail text not null,
  category_id bigint references category (id),
  deleted integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
);
create index product_category on product (category_id, id);

create table stock (
  product_id integer primary key references product (id),
  quantity bigint not null check (quantity >= 0),
  version bigint not null,
  updated_at bigint not null
);

create table stock_movement (
  id integer primary key autoincrement,
  product_id bigint not null,
  delta bigint not null,
  reason text not null,
  order_id bigint,
  created_at bigint not null
);
create index stock_movement_product on stock_movement (product_id, id);

create table orders (
  id integer primary key,
  user_id text not null,
  status integer not null,
  payment integer not null,
  lines text not null,
  total_quantity bigint not null,
  total_amount bigint not null,
  currency text not null,
  shipping_address text,
  note text not null,
  created_at bigint not null,
  updated_at bigint not null,
  version bigint not null
);
create index orders_user on orders (user_id, id);

create table event (
  id integer primary key autoincrement,
  kind text not null,
  subject text not null,
  payload text not null,
  created_at bigint not null
);

create table idempotency (
  id text primary key,
  fingerprint text not null,
  answer text not null,
  created_at bigint not null
) without rowid;
create index idempotency_created on idempotency (created_at);
