// What every batch does: it is counted, and adds its rows.
#include "persistence/copy_rows.hpp"
#include "persistence/row_text.hpp"
#include "persistence/statements.hpp"

#include <charconv>

namespace souk::persistence {

namespace {

/// Decimal numbers with one space between.
std::vector<int64_t> numbers_of(std::string_view list) {
  std::vector<int64_t> out;
  for (auto *at = list.data(), *end = at + list.size(); at < end; ++at)
    at = std::from_chars(at, end, out.emplace_back()).ptr;
  return out;
}

} // namespace

std::pair<long long, long long> statements::claim(const std::string& writer, int64_t batch,
                                                  const std::string& rows, size_t events,
                                                  std::vector<int64_t>& event_ids) {
  std::pair<long long, long long> result{0, 0};
  if (kind_ == backend::postgresql) {
    auto p = together();
    claim_together(p, writer, batch, rows, events);
    return claimed(p.run().front(), events, event_ids);
  }
  claim_writer_->param(0) = std::to_string(batch);
  claim_writer_->param(1) = writer;
  result.first = static_cast<long long>(claim_writer_->run());
  claim_owned_->param(0) = rows;
  claim_owned_->run([&](long long o) { result.second = o; });
  return result;
}

void statements::claim_together(pipeline& p, const std::string& writer, int64_t batch,
                                const std::string& rows, size_t events) {
  claim_all_->param(0) = std::to_string(batch);
  claim_all_->param(1) = writer;
  claim_all_->param(2) = rows;
  claim_all_->param(3) = std::to_string(event_blocks_.missing(events));
  claim_all_->add_to(p);
}

std::pair<long long, long long> statements::claimed(const pipeline_rows& rows, size_t events,
                                                    std::vector<int64_t>& event_ids) {
  std::pair<long long, long long> result{0, 0};
  claim_all_->read(rows, [&](long long w, long long o, const std::string& blocks) {
    result = {w, o};
    for (auto block : numbers_of(blocks))
      event_blocks_.add(block);
  });
  event_ids = event_blocks_.take(events);
  return result;
}

/// Many rows by COPY, which costs a row least, but each has to be waited for; few rows one by one,
/// those of all tables together.
void statements::copy(appended_rows& rows) {
  constexpr size_t few = 8; // take about as long as a COPY's turn: 0.01 to 0.02 ms each
  auto p = together();
  std::string copies;
  std::vector<std::string*> texts;
  const auto add = [&](const copied_table& to, std::string& text) {
    if (text.empty())
      return;
    const auto split = few_rows(text, few);
    for (auto& row : split)
      p.add(to.insert, row);
    if (!split.empty())
      return;
    copies.append("copy ").append(to.name).append(" (").append(to.columns);
    copies.append(") from stdin (format binary);");
    texts.push_back(&text);
  };
  add(orders_table, rows.orders);
  add(order_times_table, rows.order_times);
  add(movements_table, rows.movements);
  add(events_table, rows.events);
  if (!p.empty())
    p.run();
  if (!texts.empty())
    copy_in(session_, copies, texts);
}

std::vector<int64_t> statements::append(appended_rows& rows,
                                        const std::vector<int64_t>& event_ids) {
  rows.finish(event_ids);
  if (kind_ == backend::postgresql) {
    copy(rows);
    return event_ids;
  }
  std::vector<int64_t> ids;
  auto run = [](auto& q, std::string& text, auto&&... each) {
    if (text.empty())
      return;
    end_rows(text);
    q.param(0).swap(text);
    q.run(each...);
  };
  run(*append_orders_, rows.orders);
  run(*append_movements_, rows.movements);
  run(*append_events_, rows.events, [&ids](long long id) { ids.push_back(id); });
  return ids;
}

} // namespace souk::persistence
