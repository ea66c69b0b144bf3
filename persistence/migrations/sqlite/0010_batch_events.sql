-- Here each event has its row; the view is there for those who look into either database.
create view event_list as select id, kind, subject, payload, created_at from event;
