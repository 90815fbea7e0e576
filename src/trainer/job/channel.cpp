#include "trainer/job/channel.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "trainer/job/fifo_source.h"

namespace millrace {
namespace {

/// A file that notices a stop request between two reads.
class StoppableFile final : public ByteSource {
 public:
  StoppableFile(const std::filesystem::path& path, std::string origin, std::stop_token stop)
      : file_(open_for_reading(path)), origin_(std::move(origin)), stop_(std::move(stop)) {}

  std::size_t read(std::span<char> buffer) override {
    if (stop_.stop_requested())
      throw Error(Blame::Platform, origin_ + ": a stop was requested while it was being read");
    return file_.read(buffer);
  }

 private:
  FdSource file_;
  std::string origin_;
  std::stop_token stop_;
};

}  // namespace

ChannelEpoch::ChannelEpoch(const Channel& channel, std::int64_t epoch, std::stop_token stop)
    : channel_(channel), epoch_(epoch), stop_(std::move(stop)) {
  if (!channel.is_pipe()) files_ = channel.files();
}

ByteSource* ChannelEpoch::next() {
  stream_.reset();
  if (given_ == (channel_.is_pipe() ? 1 : files_.size())) return nullptr;
  if (channel_.is_pipe()) {
    origin_ = "channel '" + channel_.name + "', epoch " + std::to_string(epoch_);
    stream_ =
        std::make_unique<FifoSource>(channel_.paths.fifo(channel_.name, epoch_), origin_, stop_);
  } else {
    origin_ = channel_.name_of(files_[given_]);
    stream_ = std::make_unique<StoppableFile>(files_[given_], origin_, stop_);
  }
  ++given_;
  return stream_.get();
}

std::size_t JoinedEpoch::read(std::span<char> buffer) {
  if (!started_) stream_ = epoch_.next();
  started_ = true;
  while (stream_ != nullptr) {
    if (const std::size_t got = stream_->read(buffer)) return got;
    stream_ = epoch_.next();
  }
  return 0;
}

std::string Channel::media_type() const {
  const std::string given = config.content_type.value_or("");
  return to_lower(trim(std::string_view(given).substr(0, given.find(';'))));
}

std::vector<std::filesystem::path> Channel::files() const {
  if (is_pipe()) {
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + name + "'",
                        .given = "TrainingInputMode " + config.input_mode,
                        .expected = "File or FastFile",
                        .fix = "Set TrainingInputMode or the channel's InputMode to File."});
  }
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(directory())) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory())) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + name + "'",
                        .given = "no files",
                        .expected = "at least one file",
                        .fix = "Check the channel's S3Uri: nothing was found below it."});
  }
  // By bytes, as the platform orders keys; path's own order compares part by part.
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.native() < b.native(); });
  return files;
}

std::string Channel::name_of(const std::filesystem::path& file) const {
  return "channel '" + name + "', " + file.lexically_relative(directory()).string();
}

}  // namespace millrace
