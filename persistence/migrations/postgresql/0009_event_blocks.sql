-- A session takes the ids of events in blocks of 1,024 (event_blocks.hpp): to count them out one by one was
-- a twentieth of what an order costs PostgreSQL.
-- In others' sessions, who insert events one by one, 64 blocks at a time.
create sequence event_block cache 64;
select setval('event_block', last_value / 1024 + 1) from event_id_seq;
alter table event alter column id drop identity;
alter table event alter column id set default nextval('event_block') * 1024;
alter sequence event_block owned by event.id;
