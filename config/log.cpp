#include "config/log.hpp"

#include "actors/domain/json_text.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <string_view>

namespace souk::config {

namespace {

/// The message as members of a JSON object. Escaped, so that no request can forge a line.
class json_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& dest) override {
    constexpr std::string_view key = " request_id=";
    std::string_view text{msg.payload.data(), msg.payload.size()};
    std::string out = "\"message\":";
    auto at = text.rfind(key);
    auto id = at == std::string_view::npos ? std::string_view{} : text.substr(at + key.size());
    if (id.find(' ') != std::string_view::npos)
      at = text.size(); // not at the end
    domain::append_json_string(out, text.substr(0, at));
    if (at < text.size() && !id.empty()) {
      out += ",\"request_id\":";
      domain::append_json_string(out, id);
    }
    dest.append(out.data(), out.data() + out.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<json_message>();
  }
};

} // namespace

void start_log(const std::string& level, const std::string& format) {
  auto logger =
    std::make_shared<spdlog::logger>("souk", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (format == "json" || (format != "text" && ::isatty(STDERR_FILENO) == 0)) {
    auto f = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    f->add_flag<json_message>('*').set_pattern(
      R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%*})");
    logger->set_formatter(std::move(f));
  } else {
    logger->set_pattern("%H:%M:%S.%e %^%-8l%$ %v");
  }
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  spdlog::flush_every(std::chrono::seconds{1});
}

} // namespace souk::config
