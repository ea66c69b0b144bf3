-- A row without a kind whose payload is no list of events is shown as it is, and does not end the query.
-- The view is to be dropped before a type of its columns changes.
create or replace view event_list as
  select xid, id, kind, subject, payload, created_at from event where kind <> '' or payload not like '[[%'
  union all
  select xid, id - json_array_length(cast(payload as json)) + place, e ->> 0, e ->> 1,
    cast(e -> 3 as text), cast(e ->> 2 as bigint)
  from event, json_array_elements(cast(payload as json)) with ordinality as list (e, place)
  where kind = '' and payload like '[[%';
