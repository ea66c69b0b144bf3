#include "scripts/loadgen/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <functional>

namespace souk::loadgen {

namespace {

constexpr double width = 900, left = 70, right = 800, latency_top = 70, latency_bottom = 340,
                 rate_top = 390, rate_bottom = 500, height = 560;

__attribute__((format(printf, 2, 3))) void append(std::string& out, const char* format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  out += text;
}

std::string escape(const std::string& text) {
  std::string out;
  for (auto c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

/// 1, 2 or 5 times a power of ten, so that about `ticks` steps fill `range`.
double nice_step(double range, int ticks) {
  auto rough = std::max(range / ticks, 1e-9);
  auto power = std::pow(10, std::floor(std::log10(rough)));
  for (auto factor : {1.0, 2.0, 5.0})
    if (power * factor >= rough)
      return power * factor;
  return power * 10;
}

struct line_style {
  const char* name;
  const char* color;
  const char* dash; ///< empty: solid
  int64_t second_row::*value;
};

constexpr line_style lines[] = {{"max", "#9e9e9e", "2 3", &second_row::max},
                                {"p99", "#b3261e", "", &second_row::p99},
                                {"p90", "#e08a00", "", &second_row::p90},
                                {"p50", "#1f5fa8", "", &second_row::p50}};

/// Draws one run into `out`.
struct painter {
  const options& opts;
  const summary& result;
  std::vector<second_row> rows; ///< those with answers
  std::string out{};
  double seconds = 1;       ///< the time axis ends here
  double low = 0, high = 0; ///< latency axis, powers of ten of milliseconds
  double most = 1;          ///< end of the rate axis

  double x(double second) const { return left + second / seconds * (right - left); }
  double y(double micros) const {
    auto at = (std::log10(std::max(micros, 1.0) / 1e3) - low) / (high - low);
    return latency_bottom - std::clamp(at, 0.0, 1.0) * (latency_bottom - latency_top);
  }
  double y_rate(double rate) const { return rate_bottom - rate / most * (rate_bottom - rate_top); }

  void scale();
  void frame();
  void time_axis();
  void latency_axis();
  void rate_axis();
  void curve(const char* color, const char* dash,
             const std::function<double(const second_row&)>& at);
  void curves();
};

void painter::scale() {
  int64_t smallest = 1'000'000'000, largest = 1;
  double rate = 1;
  for (auto& r : rows) {
    seconds = std::max(seconds, static_cast<double>(r.second + 1));
    smallest = std::min(smallest, std::max<int64_t>(r.p50, 1));
    largest = std::max(largest, r.max);
    rate = std::max(rate, static_cast<double>(r.answers));
  }
  low = std::floor(std::log10(static_cast<double>(std::min(smallest, largest)) / 1e3));
  high = std::max(std::ceil(std::log10(static_cast<double>(largest) / 1e3)), low + 1);
  auto step = nice_step(rate, 3);
  most = std::ceil(rate / step) * step;
}

void painter::frame() {
  append(out,
         "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
         "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n"
         "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
         width, height, width, height);
  out += "<text x=\"70\" y=\"28\" font-size=\"17\" font-weight=\"bold\">Latency over time: "
         + to_string(opts.scenario) + " against " + escape(opts.target) + "</text>\n";
  auto& h = result.measured.latency;
  auto loop = opts.rate > 0 ? "open loop, wanted " + std::to_string(std::lround(opts.rate)) + "/s"
                            : std::string{"closed loop"};
  append(out,
         "<text x=\"70\" y=\"48\" fill=\"#555\">%s, %u connections: %.0f answers/s, "
         "p50 %.2f ms, p99 %.2f ms, max %.2f ms</text>\n",
         loop.c_str(), opts.connections, result.answers_per_second,
         static_cast<double>(h.percentile(50)) / 1e3, static_cast<double>(h.percentile(99)) / 1e3,
         static_cast<double>(h.max()) / 1e3);
  auto warm = std::min(seconds, static_cast<double>(opts.warmup.count()) / 1e3);
  if (warm > 0)
    append(out,
           "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"#f0f0f0\"/>\n"
           "<text x=\"%.1f\" y=\"%.0f\" fill=\"#888\" font-size=\"10\">warm-up</text>\n",
           left, latency_top, x(warm) - left, rate_bottom - latency_top, left + 3,
           latency_top + 12);
}

void painter::time_axis() {
  auto step = std::max(1.0, nice_step(seconds, 10));
  for (double t = 0; t <= seconds + 1e-9; t += step) {
    append(out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"#222\"/>", x(t),
           x(t), rate_bottom, rate_bottom + 4);
    append(out, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%.0f</text>\n", x(t),
           rate_bottom + 18, t);
  }
  append(out, "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">seconds since the start</text>\n",
         (left + right) / 2, rate_bottom + 38);
  for (auto bottom : {latency_bottom, rate_bottom})
    append(out, "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"#222\"/>\n", left,
           right, bottom, bottom);
}

void painter::latency_axis() {
  for (auto decade = low; decade <= high; ++decade)
    for (auto factor : {1.0, 2.0, 5.0}) {
      auto value = std::pow(10, decade) * factor;
      if (std::log10(value) > high + 1e-9)
        break;
      append(out, "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>", left,
             right, y(value * 1e3), y(value * 1e3), factor == 1 ? "#ccc" : "#eee");
      if (factor == 1 || high - low <= 2)
        append(out, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%g</text>", left - 6,
               y(value * 1e3) + 4, value);
      out += "\n";
    }
  append(out,
         "<text transform=\"translate(18 %.0f) rotate(-90)\" text-anchor=\"middle\">"
         "latency in ms (log)</text>\n",
         (latency_top + latency_bottom) / 2);
}

void painter::rate_axis() {
  auto step = nice_step(most, 3);
  for (double value = 0; value <= most + 1e-9; value += step) {
    append(out, "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e4e4e4\"/>", left,
           right, y_rate(value), y_rate(value));
    append(out, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", left - 6,
           y_rate(value) + 4, value);
  }
  append(out,
         "<text transform=\"translate(18 %.0f) rotate(-90)\" text-anchor=\"middle\">"
         "answers/s</text>\n",
         (rate_top + rate_bottom) / 2);
}

void painter::curve(const char* color, const char* dash,
                    const std::function<double(const second_row&)>& at) {
  append(out,
         "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" stroke-dasharray=\"%s\" "
         "points=\"",
         color, dash);
  for (auto& r : rows)
    append(out, "%.1f,%.1f ", x(static_cast<double>(r.second) + 0.5), at(r));
  out += "\"/>\n";
}

void painter::curves() {
  auto legend = latency_top + 10;
  for (auto& line : lines) {
    curve(line.color, line.dash, [&](auto& r) { return y(static_cast<double>(r.*line.value)); });
    append(out,
           "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"%s\" "
           "stroke-width=\"2\" stroke-dasharray=\"%s\"/>",
           right + 14, right + 40, legend, legend, line.color, line.dash);
    append(out, "<text x=\"%.0f\" y=\"%.0f\">%s</text>\n", right + 46, legend + 4, line.name);
    legend += 20;
  }
  legend = rate_top + 10;
  const std::pair<const char*, const char*> rates[] = {{"all", "#555"}, {"2xx", "#2e7d32"}};
  for (auto& [name, color] : rates) {
    auto all = name == rates[0].first;
    curve(color, "", [&](auto& r) { return y_rate(static_cast<double>(all ? r.answers : r.ok)); });
    append(out,
           "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"%s\" "
           "stroke-width=\"2\"/><text x=\"%.0f\" y=\"%.0f\">%s</text>\n",
           right + 14, right + 40, legend, legend, color, right + 46, legend + 4, name);
    legend += 20;
  }
}

} // namespace

std::string draw_plot(const options& opts, const summary& s, const std::vector<second_row>& rows) {
  painter p{opts, s, {}};
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(p.rows),
               [](auto& r) { return r.answers + r.failures > 0; });
  p.scale();
  p.frame();
  p.latency_axis();
  p.rate_axis();
  p.time_axis();
  p.curves();
  p.out += "</svg>\n";
  return std::move(p.out);
}

} // namespace souk::loadgen
