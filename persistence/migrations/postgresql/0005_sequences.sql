-- A session takes these numbers in blocks, since each takes a lock otherwise: of the time to copy a
-- movement it was a quarter. Gaps are allowed, and events are read by (xid, id) anyway.

alter table stock_movement alter column id set cache 512;
alter table event alter column id set cache 512;
