-- All orders by their time: a row holds those of a batch that were placed in the same millisecond, at most 128.
-- An index of the orders by time had an entry for each, which was a tenth of the time to place it.
create table order_time (
  created_at bigint not null,
  ids bigint[] not null
);
alter table order_time alter column ids set storage plain;
insert into order_time
  select created_at, array_agg(id order by id) from
    (select created_at, id, (row_number() over (partition by created_at order by id) - 1) / 128 as part from orders) as x
  group by created_at, part order by created_at, part;
create index order_time_created on order_time (created_at);
drop index orders_created;
