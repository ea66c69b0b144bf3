// The one table of routes: it routes requests and is what /openapi.json is made from.
#pragma once

#include "http/routes/route.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http {

enum class match_kind : uint8_t {
  found,
  no_path,        ///< 404
  no_method,      ///< 405
  unknown_method, ///< 501
  bad_path,       ///< 400: a broken escape
  options,        ///< 204 with `allow`
};

struct match {
  match_kind kind = match_kind::no_path;
  const route* at = nullptr; ///< if found
  int64_t id = 0;            ///< the path's first integer id; 0: it has none
  std::string allow = {};    ///< for no_method and options
  int64_t id2 = 0;           ///< its second one
  domain::uuid user_id = {}; ///< of a segment `{user_id}`; nil: it has none
};

/// Immutable after it was made. A path is walked segment by segment; one slash at its end is
/// ignored, and a literal segment wins over an id, an integer over a UUID.
class route_table {
public:
  /// Two routes for one method and path are a mistake: the first wins.
  explicit route_table(std::vector<route> routes);

  route_table(const route_table&) = delete;
  route_table& operator=(const route_table&) = delete;

  /// `path`: percent-encoded, without the query.
  match find(std::string_view method, std::string_view path) const;

  const std::vector<route>& all() const { return routes_; }

private:
  struct node {
    std::vector<std::pair<std::string_view, uint32_t>> literals;
    uint32_t id_child = 0; ///< 0: none, because the root is nobody's child
    uint32_t user_child = 0;
    std::array<const route*, http_methods> at{};
  };

  struct walked {
    const node* at = nullptr; ///< null: no such path
    match ids = {};           ///< only its ids
    bool bad_escape = false;
  };

  void insert(const route& x);
  walked walk(std::string_view path) const;
  uint32_t child(uint32_t parent, std::string_view segment);
  /// The next node; nothing if there is none. Sets an id where the segment is one.
  const node* step(const node& from, std::string_view segment, match& ids) const;

  std::vector<route> routes_;
  std::vector<node> nodes_;
};

/// All routes of Souk; made at the first call.
const route_table& all_routes();

/// A route's path with its ids in their places and without a slash at the end: the same for all
/// ways in which a client may spell it.
std::string canonical_path(const route& at, int64_t id, int64_t id2 = 0,
                           const domain::uuid& user_id = {});

} // namespace souk::http
