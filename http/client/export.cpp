#include "http/client/export.hpp"

#include "http/client/categories.hpp"
#include "http/client/progress.hpp"
#include "http/client/records/csv.hpp"
#include "http/client/records/raw_json.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace souk::client {
namespace {

/// Where a column's value stands in what the API shows: `a` or `a.b`.
struct source {
  std::string_view column;
  std::string_view member;
};

constexpr std::string_view by_path = "category_id"; // shown as the category's path

const std::vector<source>& sources(table x) {
  static const std::vector<source> products{
    {"external_id", "external_id"},
    {"id", "id"},
    {"name", "name"},
    {"price", "price"},
    {"detail", "detail"},
    {"category", by_path},
    {"quantity", "storage_quantity"},
    {"image_url", "image_url"},
  };
  static const std::vector<source> users{
    {"username", "username"},
    {"email", "email"},
    {"first_name", "first_name"},
    {"last_name", "last_name"},
    {"full_name", "full_name"},
    {"phone", "phone"},
    {"role", "role"},
    {"disabled", "disabled"},
    {"id", "id"},
    {"created_at", "created_at"},
  };
  static const std::vector<source> orders{
    {"id", "id"},
    {"order_number", "order_number"},
    {"user_id", "user_id"},
    {"status", "status"},
    {"payment_method", "payment_method"},
    {"total_quantity", "total_quantity"},
    {"total_amount", "total_amount"},
    {"currency", "currency"},
    {"street", "shipping_address.street"},
    {"city", "shipping_address.city"},
    {"state", "shipping_address.state"},
    {"postal_code", "shipping_address.postal_code"},
    {"country", "shipping_address.country"},
    {"note", "note"},
    {"created_at", "created_at"},
    {"updated_at", "updated_at"},
    {"items", "items"}, // as JSON
  };
  switch (x) {
  case table::products: return products;
  case table::users: return users;
  case table::orders: break;
  }
  return orders;
}

/// The raw value; empty: the API did not show it.
std::string_view value_at(std::string_view object, std::string_view path) {
  const auto dot = path.find('.');
  const auto value = member(object, path.substr(0, dot));
  return dot == path.npos ? value : value_at(value, path.substr(dot + 1));
}

/// Writes beside the file and takes its name at the end, so that there is never half a file. What
/// is no regular file, such as a pipe, is written as it is.
class output_file {
public:
  output_file(const std::string& path, std::ostream& standard) {
    if (path.empty() || path == "-") {
      out_ = &standard;
      return;
    }
    std::error_code ignored;
    const auto kind = std::filesystem::status(path, ignored).type();
    const bool plain =
      kind == std::filesystem::file_type::not_found || kind == std::filesystem::file_type::regular;
    path_ = path;
    written_ = plain ? path + ".part" : path;
    file_.open(written_, std::ios::binary | std::ios::trunc);
    if (!file_)
      throw client_error{"cannot write " + json_string(written_) + ": " + std::strerror(errno)};
    out_ = &file_;
  }
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  ~output_file() {
    std::error_code ignored;
    if (written_ != path_)
      std::filesystem::remove(written_, ignored);
  }

  void write(const std::string& text) {
    out_->write(text.data(), static_cast<std::streamsize>(text.size()));
    check();
  }

  void finish() {
    out_->flush();
    check();
    if (written_ == path_)
      return;
    file_.close();
    check();
    std::error_code failed;
    std::filesystem::rename(written_, path_, failed);
    if (failed)
      throw client_error{"cannot write " + json_string(path_) + ": " + failed.message()};
    written_ = path_;
  }

private:
  void check() const {
    if (!*out_)
      throw client_error{"cannot write " + (path_.empty() ? "standard output" : json_string(path_))
                         + ": " + std::strerror(errno)};
  }

  std::string path_;
  std::string written_;
  std::ofstream file_;
  std::ostream* out_ = nullptr;
};

/// One run of the command.
class export_run {
public:
  export_run(const shop_login& who, const export_options& options, const console& to)
    : options_{options},
      to_{to},
      progress_{to.err, to.bar, std::string{to_string(options.what)}, 0},
      shop_{who, with_notice(options.how)},
      categories_{shop_} {}

  void run() {
    shop_.log_in();
    if (options_.what == table::products)
      categories_.load();
    output_file out{options_.file, to_.out};
    std::string text;
    if (options_.format == file_format::csv)
      write_header(text);
    const std::string what{to_string(options_.what)};
    uint64_t count = 0;
    shop_.list("cannot read the " + what, "/api/v1/" + what + "?limit=500",
               [&](std::string_view x) {
                 write_row(text, x);
                 out.write(text);
                 text.clear();
                 progress_.show(++count, 0);
               });
    out.write(text); // the header, if nothing followed it
    out.finish();
    progress_.line(with_commas(count) + " " + what + " exported; "
                   + in_seconds(progress_.elapsed()));
  }

private:
  patience with_notice(patience how) {
    how.waits = [this](const std::string& why) { progress_.line("souk: " + why); };
    return how;
  }

  void write_header(std::string& to) const {
    for (const auto& x : sources(options_.what))
      to.append(&x == &sources(options_.what).front() ? "" : ",").append(x.column);
    to += '\n';
  }

  void write_row(std::string& to, std::string_view x) {
    const bool csv = options_.format == file_format::csv;
    if (!csv && options_.what == table::orders) {
      to.append(x) += '\n';
      return;
    }
    std::string line = csv ? "" : "{}";
    for (const auto& s : sources(options_.what)) {
      std::string value{value_at(x, s.member)};
      if (s.member == by_path && !value.empty() && value != "null")
        value = path_of(value);
      if (csv) {
        line += line.empty() && s.column == sources(options_.what).front().column ? "" : ",";
        append_csv(line, value.empty() ? "" : text_of(value));
      } else if (!value.empty())
        add_member(line, s.column, value);
    }
    to += line + '\n';
  }

  std::string path_of(const std::string& category_id) {
    int64_t id = 0;
    std::from_chars(category_id.data(), category_id.data() + category_id.size(), id);
    auto path = categories_.path_of(id);
    if (path.empty()) { // made since the tree was read
      categories_.load();
      path = categories_.path_of(id);
    }
    if (path.empty())
      throw client_error{"there is no category " + category_id + ", but a product in it"};
    return json_string(path);
  }

  const export_options& options_;
  const console& to_;
  progress progress_;
  api shop_;
  categories categories_;
};

} // namespace

int export_file(const shop_login& who, const export_options& options, const console& to) {
  export_run{who, options, to}.run();
  return 0;
}

} // namespace souk::client
