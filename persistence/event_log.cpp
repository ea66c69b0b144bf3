#include "persistence/event_log.hpp"

#include "actors/log.hpp"
#include "persistence/sql.hpp"

namespace souk::persistence {

// An event's place is (xid, id). It is read when that is after the reader's position and xid is
// below every transaction that runs. Another cluster counts transactions anew, so what a dump
// brings may be above its counter: such events are not read before it comes there, and new ones
// sort before positions that were reached, so that nothing would ever be read again, in silence.
//
// What is stored is older than all that will be written, so all of it gets xid 0, below any
// transaction, and keeps its order by id: ids grow over a restore. Not only what is above the
// counter: it would fall before the rest, on the other side of positions between the two.
//
// A position (xid, id) becomes (0, j), where j is its id or, if that is less, the one before the
// smallest id after the position: ids are given before the commit, so a smaller one may be unread.
// A row of several events has the id of the last. Nothing unread is skipped; what is read twice
// lies between j and the position's id, which is nothing where one writer wrote, but for a row that
// the position is inside of. Its id, not the last one that sorts before it: events that a former
// version of this program added in the new cluster sort before it, and are unread.

namespace {

/// Every transaction of this cluster that can be seen is below the snapshot's xmax.
constexpr auto from_another_cluster =
  "select count(*) from (select 1 as one) as o where "
  "(select xid from event order by event.xid desc, event.id desc limit 1) "
  ">= pg_snapshot_xmax(pg_current_snapshot()) or exists (select 1 from event_reader "
  "where cast(cast(xid as text) as xid8) >= pg_snapshot_xmax(pg_current_snapshot()))";

constexpr auto rebase_positions =
  "update event_reader as r set xid = 0, id = least(r.id, (select min(e.id - case "
  "when kind = '' and payload like '[[%' then json_array_length(cast(payload as json)) else 1 end) "
  "from event e "
  "where (e.xid, e.id) > (cast(cast(r.xid as text) as xid8), r.id)))";

constexpr auto rebase_events = "update event set xid = '0' where xid <> '0'";

} // namespace

void rebase_event_log(connection& c) {
  if (c.kind() != backend::postgresql)
    return;
  auto& s = c.sql();
  int found = 0;
  s << from_another_cluster, soci::into(found);
  if (found == 0)
    return;
  s << "set local statement_timeout = 0";
  s << "set local enable_seqscan = on"; // all rows change
  s << rebase_positions;                // by the events' old places
  auto events = query<>{s, rebase_events, {}}.run();
  spdlog::warn("the event log is another PostgreSQL cluster's (restored from a dump?): its {} "
               "events are put before this one's transactions",
               events);
}

} // namespace souk::persistence
