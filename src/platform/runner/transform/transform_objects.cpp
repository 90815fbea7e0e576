#include "platform/runner/transform/transform_objects.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/base/ordered_workers.h"
#include "core/base/text.h"
#include "core/contract/failure_reason.h"
#include "core/data/content_types.h"
#include "generated/aws/sagemaker/types.h"
#include "platform/runner/channels/object_bytes.h"
#include "platform/runner/transform/data_processing.h"
#include "platform/runner/transform/invoker.h"
#include "platform/runner/transform/mini_batches.h"
#include "platform/runner/transform/record_splitter.h"
#include "platform/runner/transform/transform_input.h"
#include "platform/runner/transform/transform_settings.h"
#include "platform/runner/upload_sink.h"

namespace millrace::runner {
namespace {

namespace sm = wire::sagemaker;
using wire::control::TransformTicket;

/// Of an output object: the job that stored it, and the entity tag of the input that it was made
/// from. It appears with the object, so there is no instant at which one is known and not the
/// other.
constexpr const char* kJobMetadata = "millrace-transform-job";
constexpr const char* kInputMetadata = "millrace-transform-input";

constexpr const char* kWhat = "the transform job's input";
/// Answers of all requests under way together, and the least that each may have.
constexpr std::size_t kAllAnswersBytes = std::size_t{400} << 20;
constexpr std::size_t kMaxAnswerBytes = std::size_t{100} << 20;

/// One input object and what becomes of it.
struct Job {
  const ChannelObject* object = nullptr;
  ObjectName output;
  std::exception_ptr failed;  ///< the first failure
};

/// An output as it is streamed; with `lines` it ends in a line feed, the model's own or ours.
class OutputSink final : public ByteSink {
 public:
  OutputSink(Daemon& daemon, const ObjectName& name, const Patience& patience,
             ObjectMetadata metadata, bool lines)
      : upload_(daemon, name, patience, std::move(metadata)), lines_(lines) {}
  void write(std::span<const char> bytes) override {
    if (!bytes.empty()) last_ = bytes.back();
    upload_.write(bytes);
  }
  void finish() {
    if (lines_ && last_ != '\n') upload_.write(std::string_view("\n"));
    upload_.finish();
  }

 private:
  UploadSink upload_;
  const bool lines_;
  char last_ = '\0';
};

std::optional<DataFormat> format_of(const std::optional<std::string>& content_type) {
  if (!content_type) return std::nullopt;
  try {
    return parse_content_type(*content_type, "Content-Type").format;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<DataProcessing> processing_of(const TransformTicket& ticket) {
  if (!ticket.processing) return std::nullopt;
  const std::optional<DataFormat> format = format_of(ticket.content_type);
  if (!format) throw Error(Blame::Platform, "DataProcessing without a ContentType");
  // Each line of JSON Lines is a record whatever it is called.
  const bool lines = ticket.split_type == sm::SplitType::Line;
  return DataProcessing(
      {.format = *format == DataFormat::JsonLines && lines ? DataFormat::JsonDocument : *format,
       .input_filter = ticket.processing->input_filter,
       .output_filter = ticket.processing->output_filter,
       .join = ticket.processing->join_input});
}

}  // namespace

/// One run over all objects, on one thread but for the requests.
class ObjectTransform {
 public:
  explicit ObjectTransform(const TransformSurroundings& around)
      : around_(around),
        ticket_(around.ticket),
        processing_(processing_of(ticket_)),
        opener_(kWhat, around.connect, around.patience, around.stop) {}

  void run() {
    list();
    if (!around_.gate.wait(around_.stop)) return;
    prepare();
    work();
    tell_end();
  }

 private:
  /// What a worker does: ask about records, send a whole object, or nothing but keep the order.
  struct Ask {
    MiniBatch batch;
  };
  struct Stream {};
  struct End {
    std::exception_ptr failed;  ///< the object could not be read to its end
  };
  struct Task {
    Job* job = nullptr;
    std::variant<Ask, Stream, End> what;
  };
  struct Done {
    Job* job = nullptr;
    std::string text;  ///< for the output
    bool last = false;
    std::exception_ptr failed;
  };

  void list() {
    input_ = input_of(ticket_, around_.connect, around_.patience, around_.stop);
    for (const ChannelObject& object : input_.objects) {
      jobs_.push_back({.object = &object,
                       .output = output_of(ticket_, input_.name_prefix, object.name.key),
                       .failed = {}});
    }
  }

  void prepare() {
    Invoker::Order order{.timeout = std::chrono::seconds(ticket_.invocation_timeout_in_seconds),
                         .retries = static_cast<int>(ticket_.invocation_max_retries),
                         .content_type = ticket_.content_type,
                         .accept = ticket_.accept};
    // Answers that are joined or filtered have to be of the records' own format, whose parameters
    // say something of requests only.
    if (processing_ && !order.accept)
      order.accept = trim(ticket_.content_type->substr(0, ticket_.content_type->find(';')));
    settings_ = transform_settings(
        ticket_, Invoker(around_.gate, order, around_.stop).execution_parameters());
    order.max_answer_bytes = std::min(
        kMaxAnswerBytes, std::max(kAllAnswersBytes / static_cast<std::size_t>(settings_.concurrent),
                                  settings_.max_payload_bytes()));
    streams_ = settings_.streams(ticket_);
    invoker_.emplace(around_.gate, std::move(order), around_.stop);
    around_.note("[sagemaker logs]: " + settings_.text());
    daemon_ = with_retry(around_.patience, around_.stop, around_.connect);
  }

  void work() {
    OrderedWorkers<Task, Done> workers(static_cast<int>(settings_.concurrent), 1,
                                       [this](Task task) { return done(std::move(task)); });
    while (!around_.stop.stop_requested()) {
      while (workers.room()) {
        std::optional<Task> task = next_task();
        if (!task) break;
        workers.put(*std::move(task));
      }
      if (workers.empty()) return;
      take(workers.take());
    }
  }

  std::optional<Task> next_task() {
    while (!reading_) {
      if (next_job_ == jobs_.size()) return std::nullopt;
      Job& job = jobs_[next_job_++];
      if (is_done(job)) {
        ++around_.objects_done;
        continue;
      }
      if (job.object->e_tag.empty()) return Task{.job = &job, .what = End{.failed = gone(job)}};
      if (streams_ && job.object->size > 0) return Task{.job = &job, .what = Stream{}};
      try {
        reading_.emplace(*this, job);
      } catch (const Error&) {
        return Task{.job = &job, .what = End{.failed = std::current_exception()}};
      }
    }
    Job& job = reading_->job;
    // Its other records are of no use any more.
    if (job.failed) return end_reading(nullptr);
    try {
      if (std::optional<MiniBatch> batch = reading_->batches.next())
        return Task{.job = &job, .what = Ask{*std::move(batch)}};
    } catch (const Error&) {
      return end_reading(std::current_exception());
    }
    return end_reading(nullptr);
  }

  static std::exception_ptr gone(const Job& job) {
    return std::make_exception_ptr(Error(
        Blame::Customer,
        job.object->name.uri() + ": the object has been deleted since the job listed its input"));
  }

  Task end_reading(std::exception_ptr failed) {
    Job& job = reading_->job;
    reading_.reset();
    return {.job = &job, .what = End{.failed = std::move(failed)}};
  }

  /// On a worker's thread.
  Done done(Task task) {
    Done result{.job = task.job, .text = {}, .last = false, .failed = {}};
    try {
      if (const auto* ask = std::get_if<Ask>(&task.what)) {
        result.text = answer_to(ask->batch);
      } else if (const auto* end = std::get_if<End>(&task.what)) {
        result.last = true;
        result.failed = end->failed;
      } else {
        result.last = true;
        stream(*task.job);
      }
    } catch (const std::exception&) {
      result.failed = std::current_exception();
    }
    return result;
  }

  std::string answer_to(const MiniBatch& batch) {
    Invoker::Answer answer = invoker_->invoke(batch.payload, batch.place);
    std::string text = processing_
                           ? processing_->output(batch.rows, answer.body,
                                                 format_of(answer.content_type), batch.place)
                           : std::move(answer.body);
    if (ticket_.assemble_with == sm::AssemblyType::Line && !text.ends_with('\n')) text += '\n';
    return text;
  }

  void stream(Job& job) {
    const std::unique_ptr<Daemon> daemon =
        with_retry(around_.patience, around_.stop, around_.connect);
    ObjectOpener opener(kWhat, around_.connect, around_.patience, around_.stop);
    const std::unique_ptr<ByteSink> sink =
        invoker_->stream([&] { return open_object(opener, *job.object); },
                         [&] {
                           return std::make_unique<OutputSink>(
                               *daemon, job.output, around_.patience, metadata_of(job),
                               ticket_.assemble_with == sm::AssemblyType::Line);
                         },
                         job.object->name.uri());
    static_cast<OutputSink&>(*sink).finish();
  }

  /// In the order of the tasks.
  void take(Done result) {
    Job& job = *result.job;
    if (result.failed && !job.failed) fail(job, result.failed);
    if (job.failed) {
      output_.reset();
      return;
    }
    const bool stored = (streams_ && job.object->size > 0) || store(job, result);
    if (stored) ++around_.objects_done;
  }

  /// Whether that was the last of the object's output. What cannot be stored ends the job: the next
  /// object's output could not be either.
  bool store(const Job& job, const Done& result) {
    const ObjectName& name = job.output;
    try {
      if (!output_) output_.emplace(*daemon_, name, around_.patience, metadata_of(job));
      output_->write(result.text);
      if (result.last) output_->finish();
    } catch (const Error& error) {
      throw Error(error.blame(), error.code(), "storing " + name.uri() + ": " + error.what());
    }
    if (result.last) output_.reset();
    return result.last;
  }

  void fail(Job& job, const std::exception_ptr& why) {
    job.failed = why;
    // What fails because the job is being stopped says nothing about the object.
    if (around_.stop.stop_requested()) return;
    if (!first_failure_) first_failure_ = why;
    ++failures_;
    around_.note("[sagemaker logs]: " + job.object->name.bucket + "/" + job.object->name.key +
                 ": " + printable(message_of(why), kMaxFailureReasonBytes));
  }

  void tell_end() {
    if (!first_failure_ || around_.stop.stop_requested()) return;
    try {
      std::rethrow_exception(first_failure_);
    } catch (const Error& error) {
      if (failures_ == 1 && jobs_.size() == 1) throw;
      // The number is worth more than the end of a long message.
      constexpr std::size_t kMaxMessage = kMaxFailureReasonBytes - 200;
      throw Error(error.blame(), std::string(cut_utf8(error.what(), kMaxMessage)) + " (" +
                                     std::to_string(failures_) + " of " +
                                     std::to_string(jobs_.size()) +
                                     " objects failed; the data log names all of them)");
    }
  }

  /// Whether an earlier supervisor of this job has stored the output of this version.
  bool is_done(const Job& job) {
    if (!ticket_.resumed) return false;
    const auto stored = with_retry(around_.patience, around_.stop,
                                   [&] { return daemon_->metadata_of(job.output); });
    if (!stored) return false;
    // Of an object that is gone nobody can make another output.
    if (job.object->e_tag.empty())
      return stored->contains(kJobMetadata) && stored->at(kJobMetadata) == ticket_.job_arn;
    return *stored == metadata_of(job);
  }

  [[nodiscard]] ObjectMetadata metadata_of(const Job& job) const {
    return {{kJobMetadata, ticket_.job_arn}, {kInputMetadata, job.object->e_tag}};
  }

  /// The object's bytes, unpacked where the job says so.
  class Content final : public ByteSource {
   public:
    Content(std::unique_ptr<ByteSource> bytes, const std::string& origin, bool compressed)
        : bytes_(std::move(bytes)) {
      if (compressed) unpacked_.emplace(*bytes_, origin);
    }
    std::size_t read(std::span<char> buffer) override {
      return unpacked_ ? unpacked_->read(buffer) : bytes_->read(buffer);
    }

   private:
    std::unique_ptr<ByteSource> bytes_;
    std::optional<GzipSource> unpacked_;
  };

  std::unique_ptr<ByteSource> open_object(ObjectOpener& opener, const ChannelObject& object) const {
    return std::make_unique<Content>(opener.open(object), object.name.uri(), ticket_.compressed);
  }

  /// The object that is being cut into requests.
  struct Reading {
    Reading(ObjectTransform& run, Job& read)
        : job(read),
          content(run.open_object(run.opener_, *read.object)),
          records(split_records(run.ticket_.split_type, *content, read.object->name.uri(),
                                run.max_record_bytes())),
          batches(*records, run.processing_ ? &*run.processing_ : nullptr,
                  {.many = run.settings_.many, .max_payload = run.settings_.max_payload_bytes()},
                  read.object->name.uri()) {}

    Job& job;
    std::unique_ptr<ByteSource> content;
    std::unique_ptr<RecordSplitter> records;
    MiniBatches batches;
  };

  /// An object that is sent as it is need not be read further than a request goes.
  [[nodiscard]] std::size_t max_record_bytes() const {
    const bool as_it_is = ticket_.split_type == sm::SplitType::None && !processing_;
    return as_it_is && settings_.max_payload_mb > 0 ? settings_.max_payload_bytes()
                                                    : kMaxRecordBytes;
  }

  const TransformSurroundings& around_;
  const TransformTicket& ticket_;
  const std::optional<DataProcessing> processing_;
  ObjectOpener opener_;
  TransformInput input_;
  std::vector<Job> jobs_;
  TransformSettings settings_;
  bool streams_ = false;
  std::optional<Invoker> invoker_;
  std::unique_ptr<Daemon> daemon_;

  std::size_t next_job_ = 0;
  std::optional<Reading> reading_;
  std::optional<UploadSink> output_;  ///< of the object whose results are being taken
  std::exception_ptr first_failure_;
  std::int64_t failures_ = 0;
};

void transform_objects(const TransformSurroundings& around) {
  ObjectTransform(around).run();
}

}  // namespace millrace::runner
