#include "actors/external/catalog.hpp"

#include "actors/external/document.hpp"
#include "actors/log.hpp"

#include <utility>

namespace souk::external {

using actors::external_answer;
using actors::external_outcome;

namespace {

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
    return external_answer{external_outcome::not_found, {}};
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
    return {external_outcome::unavailable, {}};
  auto said = ask(id);
  if (said.ttl > std::chrono::seconds{0})
    kept_.put(id, {said.answer, now_() + said.ttl}, weight(id, said.answer));
  return said.answer;
}

catalog::verdict catalog::ask(const std::string& id) {
  const auto answer = source_(id);
  const auto status = "status " + std::to_string(answer.status);
  switch (answer.status) {
  case 0: return answer.refused ? unusable(id, answer.why) : fail(id, answer.why);
  case 200: return read(id, answer);
  // A source that takes numbers only says so of other ids with 400 or 422: it is not broken.
  case 400:
  case 404:
  case 410:
  case 422: return not_found();
  // It asks to be left alone.
  case 429: return fail(id, status);
  default: return answer.status >= 500 ? fail(id, status) : unusable(id, status);
  }
}

catalog::verdict catalog::read(const std::string& id, const fetched& answer) {
  auto document = read_document(answer.body, config_.currency_digits);
  switch (document.kind) {
  case document_kind::absent: return not_found();
  case document_kind::unusable: return unusable(id, "no product that can be sold");
  case document_kind::not_json: return unusable(id, "no JSON");
  case document_kind::product: break;
  }
  auto& told = document.product.external_id;
  if (told.empty())
    told = id;
  if (!same_id(told, id))
    return unusable(id, "it is another product's, " + told);
  breaker_.succeeded();
  return {{external_outcome::found, std::move(document.product)}, config_.ttl};
}

catalog::verdict catalog::not_found() {
  breaker_.succeeded();
  return {{external_outcome::not_found, {}}, config_.not_found_ttl};
}

catalog::verdict catalog::unusable(const std::string& id, const std::string& why) {
  breaker_.succeeded();
  spdlog::warn("external catalog: the answer for product {} cannot be used: {}", id, why);
  return {{external_outcome::unavailable, {}}, config_.unusable_ttl};
}

catalog::verdict catalog::fail(const std::string& id, const std::string& why) {
  breaker_.failed(now_());
  spdlog::warn("external catalog: asking for product {} failed: {}{}", id, why,
               breaker_.is_open() ? "; it is left alone for a while" : "");
  return {};
}

} // namespace souk::external
