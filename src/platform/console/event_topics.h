#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/json.h"
#include "platform/catalog/algorithms.h"
#include "platform/records/database.h"

namespace millrace::console {

/// What a stream of events can be about.
struct Topic {
  enum class Kind { Jobs, Job, Metrics, Log, Endpoints };
  Kind kind{};
  std::string job{};  ///< of Job, Metrics and Log

  /// "jobs", "job:NAME", "metrics:NAME", "log:NAME", "endpoints"; nullopt for other text.
  static std::optional<Topic> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  /// The name of its events.
  [[nodiscard]] std::string_view event() const;
};

/// How far a stream has told of a topic, as text without ';' and line breaks: where a stream that
/// broke off goes on. Empty: nothing has been told.
using Cursor = std::string;

/// What topics have to tell, all at one time: each question is put to the database once, however
/// many streams ask it.
class TopicLook {
 public:
  /// Both must outlive this.
  TopicLook(records::Database& database, const catalog::Algorithms& algorithms)
      : database_(database), algorithms_(algorithms) {}

  /// What has changed since `cursor`, which is moved on; empty when nothing has. A topic without a
  /// cursor tells how things stand, except Jobs, whose page has that already.
  std::vector<Json> news(const Topic& topic, const std::string& account, Cursor& cursor);

 private:
  std::vector<Json> jobs_news(const std::string& account, Cursor& cursor);
  std::vector<Json> job_news(const std::string& account, const std::string& name, Cursor& cursor);
  std::vector<Json> metric_news(const std::string& account, const std::string& name,
                                Cursor& cursor);
  std::vector<Json> log_news(const std::string& account, const std::string& name, Cursor& cursor);
  std::vector<Json> endpoint_news(const std::string& account, Cursor& cursor);

  records::Database& database_;
  const catalog::Algorithms& algorithms_;
  /// Answers of this look, by question and cursor.
  struct Known {
    std::vector<Json> news;
    Cursor cursor;
  };
  std::map<std::string, Known> known_;
};

}  // namespace millrace::console
