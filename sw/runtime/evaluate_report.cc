// Views of an evaluation.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/evaluate.h"

namespace weft::runtime {

std::string to_text(const Evaluation& e) {
  const Metrics metrics = metrics_of(e.confusion);
  const int n = e.confusion.classes();
  std::string text = fmt::format("{} · configuration {} · backend {} · {}\n\n", e.model, e.config,
                                 e.backend, e.input_source);
  text += fmt::format("{:>7} {:>10} {:>8} {:>8} {:>8}\n", "class", "precision", "recall", "F1",
                      "inputs");
  const auto row = [&](const std::string& name, const ClassMetrics& m) {
    text += fmt::format("{:>7} {:>10.4f} {:>8.4f} {:>8.4f} {:>8}\n", name, m.precision, m.recall,
                        m.f1, m.support);
  };
  for (int c = 0; c < n; ++c) row(std::to_string(c), metrics.classes[static_cast<size_t>(c)]);
  row("mean", metrics.macro);
  text += "\nlabel (down) read as (across)\n       ";
  for (int c = 0; c < n; ++c) text += fmt::format("{:>6}", c);
  for (int l = 0; l < n; ++l) {
    text += fmt::format("\n{:>7}", l);
    for (int p = 0; p < n; ++p) {
      const uint64_t count = e.confusion.at(l, p);
      text += count > 0 ? fmt::format("{:>6}", count) : "     ·";
    }
  }
  text += fmt::format("\n\naccuracy {:.4f}: {} of {} right", metrics.accuracy, e.confusion.right(),
                      e.confusion.total());
  if (e.wrong_first < e.predictions.size())
    text += fmt::format("; the first wrong one is input {}", e.wrong_first);
  const uint64_t here = e.confusion.total() - e.resumed;
  text += fmt::format("\n{} inputs in {:.1f} s", here, e.host_seconds);
  if (e.host_seconds > 0)
    text += fmt::format(", {:.0f}/s", static_cast<double>(here) / e.host_seconds);
  if (e.cycles > 0 && here > 0) text += fmt::format(", {} cycles an input", e.cycles / here);
  if (e.resumed > 0) text += fmt::format("; {} were done by an interrupted run", e.resumed);
  if (e.mismatches > 0) {
    text +=
        fmt::format("\nFAIL  {} of {} output bytes are not the golden model's, first of input {}",
                    e.mismatches, e.bytes_compared, e.differing_first);
  } else if (e.bytes_compared > 0) {
    text += fmt::format("\nPASS  all {} output bytes are equal to the golden model's",
                        e.bytes_compared);
  }
  return text + "\n";
}

std::string to_json(const Evaluation& e) {
  const Metrics metrics = metrics_of(e.confusion);
  const auto of = [](const ClassMetrics& m) {
    return nlohmann::ordered_json{
        {"precision", m.precision}, {"recall", m.recall}, {"f1", m.f1}, {"support", m.support}};
  };
  nlohmann::ordered_json json;
  json["model"] = e.model;
  json["config"] = e.config;
  json["backend"] = e.backend;
  json["input_source"] = e.input_source;
  json["inputs"] = e.confusion.total();
  json["right"] = e.confusion.right();
  json["accuracy"] = metrics.accuracy;
  json["macro"] = of(metrics.macro);
  json["classes"] = nlohmann::ordered_json::array();
  for (const ClassMetrics& m : metrics.classes) json["classes"].push_back(of(m));
  json["confusion"] = nlohmann::ordered_json::array();
  for (int l = 0; l < e.confusion.classes(); ++l) {
    auto row = nlohmann::ordered_json::array();
    for (int p = 0; p < e.confusion.classes(); ++p) row.push_back(e.confusion.at(l, p));
    json["confusion"].push_back(row);
  }
  json["bytes_compared"] = e.bytes_compared;
  json["mismatches"] = e.mismatches;
  json["resumed"] = e.resumed;
  json["cycles"] = e.cycles;
  json["host_seconds"] = e.host_seconds;
  json["predictions"] = e.predictions;
  return json.dump(2) + "\n";
}

// A cell's darkness is the share of its label, on a scale that lets rare mistakes be seen.
std::string to_svg(const Evaluation& e) {
  constexpr int kCell = 44, kLeft = 70, kTop = 92;
  const int n = e.confusion.classes();
  const Metrics metrics = metrics_of(e.confusion);
  const int width = kLeft + n * kCell + 30, height = kTop + n * kCell + 30;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
      "{1}\" "
      "font-family=\"sans-serif\" font-size=\"13\" text-anchor=\"middle\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
      "<text x=\"{2}\" y=\"24\" font-size=\"16\">{3}, {4}, {5}: {6:.2f} % of {7} right</text>\n"
      "<text x=\"{2}\" y=\"{8}\" fill=\"#555555\">read as</text>\n"
      "<text transform=\"translate(22 {9}) rotate(-90)\" fill=\"#555555\">label</text>\n",
      width, height, kLeft + n * kCell / 2, e.model, e.config, e.backend, metrics.accuracy * 100,
      e.confusion.total(), kTop - 36, kTop + n * kCell / 2);
  for (int c = 0; c < n; ++c) {
    const int middle = c * kCell + kCell / 2;
    svg += fmt::format("<text x=\"{}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\">{}</text>\n",
                       kLeft + middle, kTop - 10, c, kLeft - 16, kTop + middle + 5, c);
  }
  for (int l = 0; l < n; ++l) {
    const auto of_label = static_cast<double>(std::max<uint64_t>(1, e.confusion.labelled(l)));
    for (int p = 0; p < n; ++p) {
      const uint64_t count = e.confusion.at(l, p);
      const double share = std::pow(static_cast<double>(count) / of_label, 0.4);
      const int fade = static_cast<int>(std::lround(255 * (1 - share)));
      const std::string fill =
          l == p ? fmt::format("#{:02x}{:02x}{:02x}", fade, 80 + fade * 175 / 255,
                               140 + fade * 115 / 255)
                 : fmt::format("#{:02x}{:02x}{:02x}", 190 + fade * 65 / 255, fade, fade);
      svg += fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"#dddddd\"/>",
          kLeft + p * kCell, kTop + l * kCell, kCell, kCell, fill);
      if (count > 0) {
        svg += fmt::format("<text x=\"{}\" y=\"{}\" fill=\"{}\">{}</text>",
                           kLeft + p * kCell + kCell / 2, kTop + l * kCell + kCell / 2 + 5,
                           share > 0.6 ? "#ffffff" : "#222222", count);
      }
      svg += "\n";
    }
  }
  return svg + "</svg>\n";
}

}  // namespace weft::runtime
