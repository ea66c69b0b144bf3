#include "actors/external/catalog.hpp"

#include "actors/external/document.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace souk::external {

using actors::external_answer;
using actors::external_outcome;

namespace {

external_answer not_found() {
  return {external_outcome::not_found, {}};
}

external_answer unavailable() {
  return {external_outcome::unavailable, {}};
}

/// Bytes of memory, roughly, with the entry's nodes.
size_t weight(const std::string& id, const external_answer& x) {
  const auto& p = x.product;
  return 400 + 2 * id.size() + p.external_id.size() + p.name.size() + p.detail.size()
         + p.image_url.size() + p.category.size();
}

} // namespace

catalog::catalog(const actors::external_config& config, source from, clock now)
  : config_{config},
    source_{std::move(from)},
    now_{std::move(now)},
    breaker_{config.max_failures, config.pause},
    kept_{config.kept_bytes} {}

std::optional<external_answer> catalog::kept(const std::string& id) {
  if (!usable_id(id))
    return not_found();
  auto* found = kept_.find(id);
  if (found == nullptr)
    return std::nullopt;
  if (now_() < found->until)
    return found->answer;
  kept_.erase(id);
  return std::nullopt;
}

external_answer catalog::find(const std::string& id) {
  if (auto known = kept(id))
    return *known;
  if (!breaker_.allow(now_()))
    return unavailable();
  auto answer = ask(id);
  keep(id, answer);
  return answer;
}

external_answer catalog::ask(const std::string& id) {
  auto answer = source_(id);
  switch (answer.status) {
  case 0: return fail(id, answer.why);
  case 200: return read(id, answer);
  // A source that takes numbers only says so of other ids with 400 or 422: it is not broken.
  case 400:
  case 404:
  case 410:
  case 422: breaker_.succeeded(); return not_found();
  default: return fail(id, "status " + std::to_string(answer.status));
  }
}

external_answer catalog::read(const std::string& id, const fetched& answer) {
  auto document = read_document(answer.body, config_.currency_digits);
  if (document.kind == document_kind::not_json)
    return fail(id, "the answer is not JSON");
  breaker_.succeeded();
  if (document.kind == document_kind::absent)
    return not_found();
  if (document.kind == document_kind::product)
    return {external_outcome::found, std::move(document.product)};
  spdlog::warn("external catalog: product {} cannot be used", id);
  return unavailable();
}

external_answer catalog::fail(const std::string& id, const std::string& why) {
  breaker_.failed(now_());
  spdlog::warn("external catalog: asking for product {} failed: {}{}", id, why,
               breaker_.is_open() ? "; it is left alone for a while" : "");
  return unavailable();
}

void catalog::keep(const std::string& id, const external_answer& answer) {
  if (answer.outcome == external_outcome::unavailable)
    return;
  auto ttl = answer.outcome == external_outcome::found ? config_.ttl : config_.not_found_ttl;
  kept_.put(id, {answer, now_() + ttl}, weight(id, answer));
}

} // namespace souk::external
