-- The events of a batch share a row, which has the id of the last, no kind and no subject: its payload is
-- [[kind, subject, created_at, payload], ...] in order. Their ids follow one another.

-- Texts of a batch are not worth compressing: they are written once and read at most once or twice.
alter table event alter column payload set storage external;
alter table stock_movement alter column orders set storage external;

-- One row an event, for people.
create view event_list as
  select xid, id, kind, subject, payload, created_at from event where kind <> ''
  union all
  select xid, id - json_array_length(cast(payload as json)) + place, e ->> 0, e ->> 1,
    cast(e -> 3 as text), cast(e ->> 2 as bigint)
  from event, json_array_elements(cast(payload as json)) with ordinality as list (e, place)
  where kind = '';
