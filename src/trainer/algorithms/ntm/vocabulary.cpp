#include "trainer/algorithms/ntm/vocabulary.h"

#include <cmath>
#include <optional>
#include <stop_token>
#include <string_view>
#include <unordered_map>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/line_reader.h"
#include "trainer/algorithms/ntm/algorithm.h"

namespace millrace::ntm {
namespace {

constexpr std::string_view kWordsFile = "vocab.txt";
constexpr std::string_view kEmbeddingsFile = "embeddings.txt";

std::vector<std::string> read_words(ByteSource& source, const std::string& origin,
                                    std::int64_t feature_dim) {
  std::vector<std::string> words;
  LineReader lines(source, origin);
  while (const std::string_view* line = lines.next()) {
    const std::string_view word = trim(*line);
    if (word.empty()) {
      refuse(lines.place(), "a blank line", "a word: the number of its line is its id",
             "Remove the line, or write the word that stands for the column.");
    }
    words.push_back(valid_utf8(word));
  }
  if (static_cast<std::int64_t>(words.size()) != feature_dim) {
    refuse(origin, std::to_string(words.size()) + " lines",
           std::to_string(feature_dim) + ", one for each word, as feature_dim says",
           "Write one word a line, in the order of the columns.");
  }
  return words;
}

void read_embeddings(ByteSource& source, const std::string& origin, Vocabulary& vocabulary) {
  std::unordered_map<std::string_view, std::int64_t> ids;
  for (std::size_t id = 0; id < vocabulary.words.size(); ++id)
    ids.emplace(vocabulary.words[id], static_cast<std::int64_t>(id));
  LineReader lines(source, origin);
  std::size_t width = 0;
  while (const std::string_view* line = lines.next()) {
    const std::string_view text = trim(*line);
    const std::size_t end = text.find(' ');
    const auto known = ids.find(text.substr(0, end));
    if (known == ids.end()) continue;
    std::vector<float> vector;
    double square = 0;
    for (const std::string_view part :
         split(end == std::string_view::npos ? std::string_view() : text.substr(end + 1), ' ')) {
      const std::optional<double> number = parse_double(part);
      if (!number || !std::isfinite(*number))
        lines.refuse(part.data(), std::string(part), "a number", "Write a word and its vector.");
      vector.push_back(static_cast<float>(*number));
      square += *number * *number;
    }
    if (width == 0) width = vector.size();
    if (vector.empty() || vector.size() != width) {
      lines.refuse(line->data(), std::to_string(vector.size()) + " numbers",
                   width == 0 ? "at least one" : std::to_string(width) + ", as in the lines above",
                   "Give every word a vector of the same length.");
    }
    if (square == 0) continue;
    for (float& value : vector) value /= static_cast<float>(std::sqrt(square));
    vocabulary.embeddings[known->second] = std::move(vector);
  }
}

}  // namespace

std::string Vocabulary::name(std::int64_t word) const {
  return words.empty() ? std::to_string(word) : words[static_cast<std::size_t>(word)];
}

Vocabulary read_vocabulary(const Job& job, std::int64_t feature_dim) {
  Vocabulary vocabulary;
  const Channel* const channel = job.find_channel(kAuxiliaryChannel);
  if (channel == nullptr || (channel->is_pipe() && job.stop().stop_requested())) return vocabulary;
  const std::string place = "channel '" + channel->name + "'";
  if (!channel->media_type().empty() && channel->media_type() != "text/plain") {
    refuse(place, "ContentType " + channel->media_type(), "text/plain",
           "Set the channel's ContentType to text/plain; it holds vocab.txt.");
  }
  // A stop request ends a stream by an exception; files are soon read, and the model that a stopped
  // job leaves is then printed with its words.
  const std::stop_token stop = channel->is_pipe() ? job.stop() : std::stop_token();
  ChannelEpoch epoch = channel->open_epoch(0, stop);
  // Files come in the order of their names: embeddings.txt before vocab.txt, which it needs.
  std::optional<std::string> embeddings;
  while (ByteSource* const stream = epoch.next()) {
    const std::string& origin = epoch.origin();
    if (channel->is_pipe() || origin.ends_with(kWordsFile)) {
      vocabulary.words = read_words(*stream, origin, feature_dim);
    } else if (origin.ends_with(kEmbeddingsFile)) {
      embeddings = origin;
    }
  }
  if (vocabulary.words.empty()) {
    refuse(place, "no vocab.txt", "a file of this name with one word a line",
           "Name the file vocab.txt, or remove the channel.");
  }
  if (!embeddings) return vocabulary;
  ChannelEpoch again = channel->open_epoch(0, stop);
  while (ByteSource* const stream = again.next()) {
    if (again.origin() == *embeddings) read_embeddings(*stream, *embeddings, vocabulary);
  }
  return vocabulary;
}

}  // namespace millrace::ntm
