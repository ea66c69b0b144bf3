// Categories by name and by path, such as `Home/Kitchen/Pans`.
#pragma once

#include "http/client/api.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::client {

/// The names of a path. In a name, `/` is written `\/` and `\` is written `\\`.
std::vector<std::string> split_path(std::string_view path);
std::string join_path(const std::vector<std::string>& names);

/// The shop's tree of categories as it was when it was read. For one thread; the API must outlive
/// it.
class categories {
public:
  explicit categories(api& shop) : shop_{shop} {}

  /// Reads the tree, also again. Throws client_error, as find() does.
  void load();

  struct found {
    int64_t id = 0;
    std::string why; ///< not empty: there is no such id
  };

  /// The category of that path; what is missing of it is made. A single name also means the one
  /// category that has it, wherever it stands.
  found find(std::string_view path);

  /// The path of a category; empty: there is none.
  std::string path_of(int64_t id) const;

  size_t made() const { return made_; }

private:
  struct node {
    int64_t parent = 0; ///< 0: a root
    std::string name;
  };

  void add(int64_t id, node what);
  std::optional<int64_t> child(int64_t parent, const std::string& name) const;

  api& shop_;
  std::unordered_map<int64_t, node> nodes_;
  std::map<std::pair<int64_t, std::string>, int64_t> children_;
  std::unordered_map<std::string, std::vector<int64_t>> named_;
  std::unordered_map<std::string, found> answers_; ///< by the path as it was asked for
  size_t made_ = 0;
};

} // namespace souk::client
