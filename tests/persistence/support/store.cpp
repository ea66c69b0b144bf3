#include "tests/persistence/support/store.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

namespace souk::tests {

using namespace actors;

store::store(engine kind) : store{std::make_unique<database>(kind)} {}

store::store(std::unique_ptr<database> on) : database_{std::move(on)} {
  options.url = database_->url();
  options.node = "here";
  options.shards = 4;
  reopen();
}

store::~store() {
  close();
}

void store::close() {
  committer_.reset();
  opened_.reset();
}

void store::reopen() {
  close();
  opened_ = persistence::open(options);
}

persistence::committer& store::committer() {
  if (!committer_)
    committer_ = std::make_unique<persistence::committer>(options);
  return *committer_;
}

persistence::batch_result store::commit(const std::vector<write>& writes) {
  return committer().commit(pointers(writes));
}

void store::stock_up(const std::vector<int64_t>& counts) {
  std::vector<write> writes;
  for (size_t i = 0; i < counts.size(); ++i)
    writes.push_back(create(static_cast<int64_t>(i) + 1, counts[i]));
  for (auto& d : commit(writes).decisions)
    if (d.error != ec::none || d.answer.refused != refusal::none)
      throw std::runtime_error("a product was not created");
}

int64_t store::on_hand(int64_t product) const {
  return number("select quantity from stock where product_id = " + std::to_string(product));
}

int64_t store::stock_version(int64_t product) const {
  return number("select version from stock where product_id = " + std::to_string(product));
}

int64_t store::count(const std::string& table, const std::string& condition) const {
  return number("select count(*) from " + table + " where " + condition);
}

int64_t store::batches(const std::string& writer) const {
  return number("select batch from writer where id = '" + writer + "'");
}

std::string store::faults() const {
  std::string result;
  for (auto& fault : persistence::check_books(options.url).faults)
    result += fault + "\n";
  return result;
}

std::vector<refusal> refusals(const persistence::batch_result& r) {
  std::vector<refusal> result;
  for (auto& d : r.decisions) {
    CHECK(d.error == ec::none);
    result.push_back(d.answer.refused);
  }
  return result;
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const persistence::database_error& e) {
    return e.what();
  }
  return "";
}

} // namespace souk::tests
