#include "platform/runner/daemon_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "core/base/error.h"
#include "core/http/server.h"
#include "generated/aws/control/operations.h"
#include "generated/aws/logs/operations.h"
#include "generated/aws/s3/operations.h"
#include "platform/aws/dispatch.h"

namespace millrace::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace control = wire::control;
namespace logs = wire::logs;
namespace s3 = wire::s3;

std::optional<aws::Identity> any_key(std::string_view) {
  aws::Identity identity;
  identity.secret_key = "secret";
  identity.session_token = "token";
  return identity;
}

/// Answers what a supervisor asks, and keeps what it was told.
class Service {
 public:
  control::GetJobTicketResponse ticket(const control::GetJobTicketRequest& request,
                                       const aws::Caller&) {
    return {.ticket = {.job_name = request.job_name,
                       .hyper_parameters = {{"epochs", "30"}},
                       .cpus = 1.5},
            .stop_requested = true};
  }
  control::ReportJobResponse report(const control::ReportJobRequest& request, const aws::Caller&) {
    reported = request;
    return {.stop_requested = true};
  }
  control::LocateObjectsResponse locate(const control::LocateObjectsRequest& request,
                                        const aws::Caller&) {
    return {
        .objects = {{.key = request.prefix + "/a", .size = 3, .e_tag = "\"e\"", .path = "/data/a"}},
        .is_truncated = false};
  }
  logs::PutLogEventsResponse put_events(const logs::PutLogEventsRequest& request,
                                        const aws::Caller&) {
    if (streams.empty())
      throw Error(Blame::Customer, "ResourceNotFoundException",
                  "The specified log group does not exist.");
    events += request.log_events.size();
    return {};
  }
  wire::Empty make_group(const logs::CreateLogGroupRequest&, const aws::Caller&) {
    throw Error(Blame::Customer, "ResourceAlreadyExistsException",
                "The specified log group already exists");
  }
  wire::Empty make_stream(const logs::CreateLogStreamRequest& request, const aws::Caller&) {
    streams.push_back(request.log_stream_name);
    return {};
  }
  s3::GetObjectOutput get(const s3::GetObjectRequest& request, const aws::Caller&) {
    if (request.if_match != "\"e\"") throw Error(Blame::Customer, "PreconditionFailed", "changed");
    ranges.push_back(*request.range);
    s3::GetObjectOutput answer{.e_tag = "\"e\""};
    answer.http_status = 206;
    answer.body = large.empty() ? std::string(short_answers ? "bc" : "bcd") : large;
    return answer;
  }
  s3::PutObjectOutput put(const s3::PutObjectRequest& request, const aws::Caller&) {
    if (request.bucket == "missing")
      throw Error(Blame::Customer, "NoSuchBucket", "The specified bucket does not exist");
    stored[request.key] = read_all(*request.body, 1 << 20, "body");
    return {};
  }
  s3::CreateMultipartUploadOutput begin(const s3::CreateMultipartUploadRequest&,
                                        const aws::Caller&) {
    return {.upload_id = "u1"};
  }
  s3::UploadPartOutput part(const s3::UploadPartRequest& request, const aws::Caller&) {
    stored[request.key] += read_all(*request.body, 1 << 20, "body");
    return {.e_tag = "\"p" + std::to_string(request.part_number) + "\""};
  }
  s3::CompleteMultipartUploadOutput complete(const s3::CompleteMultipartUploadRequest& request,
                                             const aws::Caller&) {
    // In this request it is the checksum of the object, whose upload names no algorithm.
    EXPECT_FALSE(request.checksum_sha256);
    for (const auto& each : *request.multipart_upload->parts) {
      completed.push_back(std::to_string(*each.part_number) + *each.e_tag);
    }
    return {};
  }
  s3::AbortMultipartUploadOutput abort(const s3::AbortMultipartUploadRequest& request,
                                       const aws::Caller&) {
    aborted = request.upload_id;
    return {};
  }

  control::ReportJobRequest reported;
  std::vector<std::string> streams;
  std::size_t events = 0;
  std::vector<std::string> ranges;
  bool short_answers = false;
  std::string large;  ///< answered instead of "bcd"
  std::map<std::string, std::string> stored;
  std::vector<std::string> completed;
  std::string aborted;
};

class DaemonClientTest : public testing::Test {
 protected:
  DaemonClientTest() {
    dispatch_.add<control::ops::GetJobTicket>(&service_, &Service::ticket);
    dispatch_.add<control::ops::ReportJob>(&service_, &Service::report);
    dispatch_.add<control::ops::LocateObjects>(&service_, &Service::locate);
    dispatch_.add<logs::ops::PutLogEvents>(&service_, &Service::put_events);
    dispatch_.add<logs::ops::CreateLogGroup>(&service_, &Service::make_group);
    dispatch_.add<logs::ops::CreateLogStream>(&service_, &Service::make_stream);
    dispatch_.add<s3::ops::GetObject>(&service_, &Service::get);
    dispatch_.add<s3::ops::PutObject>(&service_, &Service::put);
    dispatch_.add<s3::ops::CreateMultipartUpload>(&service_, &Service::begin);
    dispatch_.add<s3::ops::UploadPart>(&service_, &Service::part);
    dispatch_.add<s3::ops::CompleteMultipartUpload>(&service_, &Service::complete);
    dispatch_.add<s3::ops::AbortMultipartUpload>(&service_, &Service::abort);
  }

  Service service_;
  aws::Dispatch dispatch_{{.keys = any_key}};
  http::Server server_{{.workers = 2},
                       [this](http::Request& request) { return dispatch_.handle(request); }};
  DaemonClient daemon_{aws::Client({.host = "127.0.0.1", .port = server_.port()},
                                   {"AKID", "secret", "token"}, "us-east-1")};
};

TEST_F(DaemonClientTest, TicketReportAndLocationsCrossTheWire) {
  const auto orders = daemon_.ticket({.job_name = "my-job"});
  EXPECT_TRUE(orders.stop_requested);
  EXPECT_EQ(orders.ticket.job_name, "my-job");
  EXPECT_EQ(orders.ticket.hyper_parameters.at("epochs"), "30");
  EXPECT_EQ(orders.ticket.cpus, 1.5);

  const control::ReportJobRequest report{
      .job_name = "my-job",
      .host = "algo-1",
      .phase = "Training",
      .metrics = std::vector<control::MetricPoint>{{.metric_name = "loss",
                                                    .value = 0.5,
                                                    .timestamp = from_millis(1700000000123),
                                                    .step = 3}},
      .supervisor_pid = 42,
      .program_started = from_millis(1700000000456),
      .outcome = control::JobOutcome{
          .result = "Failed", .exit_code = 1, .failure_reason = "AlgorithmError: größe"}};
  EXPECT_TRUE(daemon_.report(report).stop_requested);
  EXPECT_EQ(service_.reported, report);

  const auto page = daemon_.locate({.bucket = "b", .prefix = "data"});
  ASSERT_EQ(page.objects.size(), 1U);
  EXPECT_EQ(page.objects.front().path, "/data/a");
}

TEST_F(DaemonClientTest, AMissingLogStreamIsMade) {
  daemon_.put_log_events(
      {.log_group_name = "g", .log_stream_name = "s", .log_events = {{1, "a"}, {2, "b"}}});
  EXPECT_THAT(service_.streams, ElementsAre("s"));
  EXPECT_EQ(service_.events, 2U);
}

TEST_F(DaemonClientTest, ARangeOfAPinnedVersionIsFetched) {
  StringSink sink;
  daemon_.get({.object = {"b", "k"}, .e_tag = "\"e\"", .offset = 1, .length = 3}, sink);
  EXPECT_EQ(sink.text(), "bcd");
  EXPECT_THAT(service_.ranges, ElementsAre("bytes=1-3"));
  try {
    daemon_.get({.object = {"b", "k"}, .e_tag = "\"old\"", .offset = 1, .length = 3}, sink);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(error.code(), "PreconditionFailed");
  }
}

TEST_F(DaemonClientTest, WhatDidNotComeWithTheHeadCanBeTakenFromTheSocketItself) {
  for (int i = 0; i < 300'000; ++i) service_.large += static_cast<char>('a' + i % 26);
  const auto stream =
      daemon_.open({.object = {"b", "k"}, .e_tag = "\"e\"", .offset = 0, .length = 300'000});
  std::string got;
  while (!stream->raw()) {
    char block[1000];
    got.append(block, stream->read(block));
  }
  char block[50'000];
  pollfd waiting{.fd = *stream->raw(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  const ssize_t taken = ::recv(*stream->raw(), block, sizeof block, 0);
  ASSERT_GT(taken, 0);
  stream->took(static_cast<std::size_t>(taken));
  got.append(block, static_cast<std::size_t>(taken));
  got += read_all(*stream, 300'000, "rest");
  EXPECT_TRUE(got == service_.large);
  EXPECT_EQ(stream->raw(), std::nullopt) << "nothing of this body is left on the socket";
  StringSink sink;
  daemon_.get({.object = {"b", "k"}, .e_tag = "\"e\"", .offset = 0, .length = 300'000}, sink);
  EXPECT_TRUE(sink.text() == service_.large) << "the connection serves the next call";
}

TEST_F(DaemonClientTest, AnAnswerOfAnotherLengthIsWorthAnotherTry) {
  service_.short_answers = true;
  StringSink sink;
  try {
    daemon_.get({.object = {"b", "k"}, .e_tag = "\"e\"", .offset = 1, .length = 3}, sink);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Platform);
    EXPECT_EQ(std::string(error.what()), "the answer for s3://b/k has 2 bytes instead of 3");
  }
}

TEST_F(DaemonClientTest, ObjectsAreStoredWholeOrInParts) {
  daemon_.put({"b", "small"}, "bytes", {});
  daemon_.put({"b", "empty"}, "", {});
  EXPECT_EQ(service_.stored.at("small"), "bytes");
  EXPECT_EQ(service_.stored.at("empty"), "");

  const Upload upload = daemon_.begin_upload({"b", "large"}, {});
  std::vector<std::string> e_tags;
  for (const char* part : {"one", "two"}) {
    e_tags.push_back(
        daemon_.upload_part(upload, static_cast<std::int64_t>(e_tags.size()) + 1, part));
  }
  daemon_.complete_upload(upload, e_tags);
  EXPECT_EQ(service_.stored.at("large"), "onetwo");
  EXPECT_THAT(service_.completed, ElementsAre("1\"p1\"", "2\"p2\""));
  daemon_.abort_upload(upload);
  EXPECT_EQ(service_.aborted, "u1");
}

TEST_F(DaemonClientTest, ARefusalKeepsTheServicesWords) {
  try {
    daemon_.put({"missing", "k"}, "bytes", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_EQ(error.code(), "NoSuchBucket");
    EXPECT_THAT(error.what(), HasSubstr("The specified bucket does not exist"));
  }
}

}  // namespace
}  // namespace millrace::runner
