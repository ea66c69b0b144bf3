// The API's paths, lists and problems, as several tests use them.
#pragma once

#include "tests/system/support/client.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace souk::tests {

/// What a helper expected and did not get.
struct unexpected_answer : std::runtime_error {
  explicit unexpected_answer(const std::string& what, const answer& got);
};

/// Passes an answer on; throws unexpected_answer unless it has this status.
const answer& expect(const std::string& what, unsigned status, const answer& got);

std::string product_path(int64_t product);
std::string stock_path(int64_t product);
std::string category_path(const json& category); ///< of a category as the API shows it
std::string order_path(const json& order);       ///< of an order as the API shows it
std::string user_path(const std::string& id);

/// For a query's value.
std::string percent_encoded(const std::string& text);

/// A problem without what differs from request to request.
json anonymous(const answer& problem);

/// The pointers of a problem's `errors`.
std::set<std::string> pointers(const answer& problem);

/// Whether an answer is one that was given before.
bool replayed(const answer& got);

/// RFC 3339 in UTC with milliseconds.
bool is_time(const json& value);

/// A list's items, all pages together; `between` is called after each page but the last. Throws
/// unexpected_answer for a page that is not 200, std::runtime_error after 200 pages.
json all_pages(client& reader, const std::string& target,
               const std::function<void()>& between = {});

/// What an OpenAPI document has, as `get /api/v1/orders/{}`.
std::set<std::string> documented_routes(const json& document);

/// One member of each of a list's items.
std::vector<json> each(const json& items, const std::string& member);

std::vector<int64_t> ids_of(const json& items);

} // namespace souk::tests
