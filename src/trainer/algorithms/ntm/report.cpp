#include "trainer/algorithms/ntm/report.h"

#include <cmath>
#include <string>

#include "core/base/text.h"

namespace millrace::ntm {
namespace {

std::string rounded(double value, int digits) {
  if (!std::isfinite(value)) return "nan";
  const double scale = std::pow(10.0, digits);
  return number_text(std::round(value * scale) / scale);
}

std::string seconds(double value) {
  return rounded(value, 1) + "s";
}

}  // namespace

void log_losses(Log& log, std::string_view when, const Losses& losses) {
  log.info("Metrics for " + std::string(when) + ":");
  const auto line = [&](const char* name, double value) {
    log.info(std::string("Loss (name: value) ") + name + ": " + number_text(value));
  };
  line("total", losses.total);
  line("kld", losses.kld);
  line("recons", losses.reconstruction);
  line("logppx", losses.total);
}

void log_timing(Log& log, double train, std::optional<double> validation) {
  std::string text = "Timing: train: " + seconds(train);
  if (validation) text += ", val: " + seconds(*validation);
  log.info(text + ", epoch: " + seconds(train + validation.value_or(0)));
}

void log_patience(Log& log, const Patience::Verdict& verdict, double loss,
                  std::int64_t bad_epochs) {
  if (!verdict.compared) return;
  std::vector<std::string> losses;
  for (const double value : verdict.losses) losses.push_back(number_text(value));
  log.info("patience losses:[" + join(losses, ", ") + "] min patience loss:" +
           number_text(verdict.least) + " current loss:" + number_text(loss) +
           " absolute loss difference:" + number_text(std::abs(verdict.least - loss)));
  if (verdict.bad) {
    log.info("Bad epoch: loss has not improved (enough). Bad count:" + std::to_string(bad_epochs));
  }
  if (verdict.stop) log.info("Bad epochs exceeded patience. Stopping training early!");
}

double log_topics(Log& log, const std::vector<Topic>& topics, const Vocabulary& vocabulary) {
  const std::vector<double> unique = uniqueness(topics);
  const std::vector<double> coherent = embedding_coherence(topics, vocabulary);
  const bool has_embeddings = !vocabulary.embeddings.empty();
  const double mean = mean_of(unique);
  log.info("Topics from epoch:final (num_topics:" + std::to_string(topics.size()) + ") [" +
           (has_embeddings ? "wetc " + rounded(mean_of(coherent), 2) + ", " : std::string()) +
           "tu " + rounded(mean, 2) + "]:");
  for (std::size_t topic = 0; topic < topics.size(); ++topic) {
    std::string line = "[" + (has_embeddings ? rounded(coherent[topic], 2) + ", " : std::string()) +
                       rounded(unique[topic], 2) + "]";
    for (const std::int64_t word : topics[topic]) line += " " + vocabulary.name(word);
    log.info(line);
  }
  return mean;
}

}  // namespace millrace::ntm
