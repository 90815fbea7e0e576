#include "platform/runner/transform/supervise_transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "core/io/file.h"
#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {
namespace {

using testing::HasSubstr;
using wire::control::ReportTransformRequest;
namespace fs = std::filesystem;

/// Answers lines with themselves in brackets; what some lines make it do is in their words.
constexpr const char* kServer = R"py(
import http.server, os, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def answer(self, status, body=b''):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(200 if self.path == '/ping' else 404)
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        print('asked', body.replace('\n', '|'), flush=True)
        if 'slow' in body: time.sleep(0.3)
        if 'hang' in body: time.sleep(1000)
        if 'refuse' in body: return self.answer(400, b'no thanks')
        if 'break' in body: return self.answer(500, b'broken')
        self.answer(200, '\n'.join('[' + line + ']' for line in body.split('\n')).encode())
    def log_message(self, *arguments): pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
Server(('', int(os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080'))), Handler).serve_forever()
)py";

/// Whole lives of a transform job's instance, with a Python program for the model's server.
class SuperviseTransformTest : public testing::Test {
 protected:
  SuperviseTransformTest() {
    auto& ticket = store_.transform_orders.ticket;
    ticket.server = {.workload = "transform.score",
                     .host = "algo-1",
                     .region = "us-east-1",
                     .command = {"/usr/bin/python3", "-c", kServer},
                     .startup_timeout_in_seconds = 60,
                     .log_group = "/aws/sagemaker/TransformJobs",
                     .log_stream = "score/i-1"};
    ticket.job_arn = "arn:score";
    ticket.source = {.s3_data_type = "S3Prefix",
                     .s3_uri = "s3://b/in/",
                     .s3_data_distribution_type = "ShardedByS3Key",
                     .shard = 0,
                     .shards = 1};
    ticket.split_type = "Line";
    ticket.assemble_with = "Line";
    ticket.output_s3_uri = "s3://b/out/";
    ticket.invocation_timeout_in_seconds = 60;
    ticket.data_log_stream = "score/i-1/data-log";
    store_.on_transform_report = [this](const ReportTransformRequest& report) {
      return stop_after_ >= 0 && report.objects_done >= stop_after_;
    };
  }

  wire::control::TransformTicket& ticket() { return store_.transform_orders.ticket; }
  void put(const std::string& key, const std::string& content) {
    store_.add("b", "in/" + key, content);
  }
  /// Result and reason of the last report.
  std::string run() {
    supervise_transform(options_, store_.connector());
    const fs::path directory = store_.directory() / "work" / options_.workload / "algo-1";
    EXPECT_TRUE(!fs::exists(directory) || fs::is_empty(directory)) << "the workspace is gone";
    const auto& outcome = store_.transform_reports.back().outcome;
    if (!outcome) return "none";
    return outcome->result + (outcome->failure_reason ? ": " + *outcome->failure_reason : "");
  }
  /// What is stored for an input; "absent" where nothing is.
  std::string output(const std::string& key) {
    if (!store_.has("b", "out/" + key + ".out")) return "absent";
    FdSource file(open_for_reading(store_.path("b", "out/" + key + ".out")));
    return read_all(file, 1 << 20, "output");
  }
  /// Lines of the log that hold `words`.
  std::int64_t logged(const std::string& words) {
    return std::count_if(store_.events.begin(), store_.events.end(), [&](const auto& event) {
      return event.message.find(words) != std::string::npos;
    });
  }

  FakeStore store_;
  std::atomic<std::int64_t> stop_after_ = -1;
  ServingOptions options_{.workload = "transform.score",
                          .data_directory = store_.directory().string(),
                          .may_run_unconfined = true,
                          .patience = {.limit = std::chrono::seconds(20)}};
};

TEST_F(SuperviseTransformTest, EveryObjectHasItsOutput) {
  put("a", "1\n2\n");
  put("deep/b", "3");
  put("empty", "");
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(output("a"), "[1]\n[2]\n");
  EXPECT_EQ(output("deep/b"), "[3]\n");
  EXPECT_EQ(output("empty"), "");
  EXPECT_EQ(store_.transform_reports.back().objects_done, 3);
  EXPECT_EQ(logged("MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"), 1);
}

TEST_F(SuperviseTransformTest, AnObjectThatFailsLeavesNoOutputAndTheOthersTheirs) {
  put("a", "1");
  put("b", "2\nrefuse\n3");
  put("c", "break");
  put("d", "4");
  ticket().batch_strategy = "SingleRecord";
  ticket().max_concurrent_transforms = 3;
  EXPECT_EQ(run(),
            "Failed: ClientError: s3://b/in/b, line 2: the model answered status 400: no thanks (2 "
            "of 4 objects failed; the data log names all of them)");
  EXPECT_EQ(output("a"), "[1]\n");
  EXPECT_EQ(output("b"), "absent");
  EXPECT_EQ(output("d"), "[4]\n");
  EXPECT_EQ(logged("[sagemaker logs]: b/in/c: s3://b/in/c, line 1: the model answered status 500"),
            1);
}

TEST_F(SuperviseTransformTest, ASuccessorPassesOverWhatIsDoneFromTheSameVersion) {
  put("a", "1");
  put("b", "2");
  EXPECT_EQ(run(), "Completed");
  store_.remove("b", "out/b.out");
  store_.events.clear();
  ticket().resumed = true;
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(logged("asked 1"), 0);
  EXPECT_EQ(logged("asked 2"), 1);
  EXPECT_EQ(output("b"), "[2]\n");

  put("a", "new");
  store_.events.clear();
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(output("a"), "[new]\n") << "another version of the object";
  EXPECT_EQ(logged("asked 2"), 0);
}

TEST_F(SuperviseTransformTest, WhatComesOrGoesBelowThePrefixDoesNotChangeWhoseAnObjectIs) {
  for (const char* key : {"b", "c", "d"}) put(key, key);
  ticket().source.shards = 2;
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(output("d"), "[d]\n");
  store_.remove("b", "out/d.out");
  put("a", "came before all others");
  ticket().resumed = true;
  EXPECT_EQ(run(), "Completed") << "the same instance, resumed";
  EXPECT_EQ(output("d"), "[d]\n");

  options_.host = "algo-2";
  ticket().server.host = "algo-2";
  ticket().source.shard = 1;
  ticket().resumed = false;
  EXPECT_EQ(run(), "Completed") << "another one, which starts late";
  EXPECT_EQ(output("c"), "[c]\n");
  EXPECT_EQ(output("a"), "absent");
  EXPECT_EQ(logged("asked b"), 1);
  EXPECT_EQ(logged("asked c"), 1);
}

TEST_F(SuperviseTransformTest, OutputsAmongTheInputsAreNotReadByTheJobThatWritesThem) {
  put("a", "1");
  put("b", "2");
  ticket().output_s3_uri = "s3://b/in";
  EXPECT_EQ(run(), "Completed");
  store_.remove("b", "in/b.out");
  ticket().resumed = true;
  EXPECT_EQ(run(), "Completed");
  EXPECT_TRUE(store_.has("b", "in/a.out"));
  EXPECT_TRUE(store_.has("b", "in/b.out"));
  EXPECT_FALSE(store_.has("b", "in/a.out.out"));
}

TEST_F(SuperviseTransformTest, AnOutputThatWouldReplaceAnInputIsRefused) {
  put("a", "1");
  put("a.out", "of an earlier job");
  ticket().output_s3_uri = "s3://b/in";
  EXPECT_THAT(run(), HasSubstr("Failed: ClientError: the output of s3://b/in/a would replace "
                               "s3://b/in/a.out, which is an input of this job too."));
  EXPECT_EQ(logged("asked"), 0);
}

TEST_F(SuperviseTransformTest, TwoInputsWithOneOutputAreRefusedWhoeverTheyAreDealtTo) {
  put("a", "1");
  store_.add("other", "in/a", "2");
  store_.add("b", "manifest", R"(["s3://b/in/a", "s3://other/in/a"])");
  ticket().source.s3_data_type = "ManifestFile";
  ticket().source.s3_uri = "s3://b/manifest";
  ticket().source.shards = 2;
  EXPECT_THAT(run(), HasSubstr("the outputs of s3://b/in/a and s3://other/in/a would both be"));
}

TEST_F(SuperviseTransformTest, AnObjectThatWasDeletedMeanwhileFailsUnlessItIsDone) {
  put("a", "1");
  put("b", "2");
  EXPECT_EQ(run(), "Completed");
  store_.remove("b", "in/a");
  ticket().resumed = true;
  EXPECT_EQ(run(), "Completed");
  store_.remove("b", "out/a.out");
  EXPECT_THAT(run(), HasSubstr("Failed: ClientError: s3://b/in/a: the object has been deleted "
                               "since the job listed its input"));
}

TEST_F(SuperviseTransformTest, AStreamedAnswerEndsInOneLineFeed) {
  put("bare", "1");
  put("ended", "2\n");
  ticket().split_type = "None";
  ticket().max_payload_in_mb = 0;
  ticket().server.command[2] = R"py(
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def answer(self, body):
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(b'')
    def do_POST(self):
        body = b''
        while (size := int(self.rfile.readline(), 16)):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.answer(body)
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(('', int(os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080'))), Handler).serve_forever()
)py";
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(output("bare"), "1\n");
  EXPECT_EQ(output("ended"), "2\n");
}

TEST_F(SuperviseTransformTest, OutputsOfAnotherJobAreReplaced) {
  put("a", "1");
  EXPECT_EQ(run(), "Completed");
  store_.events.clear();
  ticket().resumed = true;
  ticket().job_arn = "arn:other";
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(logged("asked 1"), 1);
}

TEST_F(SuperviseTransformTest, AStopLeavesWhatIsWholeAndNothingElse) {
  for (int i = 0; i < 30; ++i) put(std::to_string(10 + i), "slow\n" + std::to_string(i));
  stop_after_ = 1;
  EXPECT_EQ(run(), "Stopped");
  EXPECT_EQ(output("10"), "[slow]\n[0]\n");
  EXPECT_EQ(output("39"), "absent");
}

TEST_F(SuperviseTransformTest, AModelThatHangsIsGivenUpInTime) {
  put("a", "hang");
  ticket().invocation_timeout_in_seconds = 1;
  EXPECT_EQ(run(),
            "Failed: AlgorithmError: s3://b/in/a, line 1: the model did not answer within 1 s");
  EXPECT_EQ(output("a"), "absent");
}

TEST_F(SuperviseTransformTest, ADaemonThatIsAwayForAWhileIsWaitedFor) {
  for (int i = 0; i < 20; ++i) put(std::to_string(10 + i), std::to_string(i));
  store_.breaks_after = 1;
  store_.elsewhere = true;
  store_.on_logs = [this] { store_.fail_next = 5; };
  EXPECT_EQ(run(), "Completed");
  EXPECT_EQ(output("29"), "[19]\n");
}

TEST_F(SuperviseTransformTest, AServerThatCannotStartFailsTheJobWithItsLastLines) {
  put("a", "1");
  ticket().server.command = {"/usr/bin/python3", "-c", "raise SystemExit('no model here')"};
  options_.times.first_pause = std::chrono::milliseconds(10);
  EXPECT_THAT(run(), HasSubstr("Failed: AlgorithmError: the server exited with status 1. Its last "
                               "lines: no model here"));
}

TEST_F(SuperviseTransformTest, MissingInputAndAMissingOutputBucketAreTold) {
  EXPECT_THAT(run(), HasSubstr("No S3 objects found under S3 URL \"s3://b/in/\""));
  put("a", "1");
  store_.missing_bucket = "b";
  EXPECT_THAT(run(), HasSubstr("ClientError: storing s3://b/out/a.out: The specified bucket does "
                               "not exist"));
}

TEST_F(SuperviseTransformTest, ALargeObjectIsNeverInMemoryAsAWhole) {
  // 64 MiB of lines, of which a request has at most one.
  std::string lines;
  for (int i = 0; i < 1 << 20; ++i)
    lines += "0123456789012345678901234567890123456789012345678901234567890123\n";
  put("a", lines);
  ticket().max_payload_in_mb = 1;
  ticket().server.command[2] = R"py(
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def answer(self, body):
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(b'')
    def do_POST(self): self.answer(self.rfile.read(int(self.headers['Content-Length'])))
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(('', int(os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080'))), Handler).serve_forever()
)py";
  EXPECT_EQ(run(), "Completed");
  EXPECT_GT(store_.parts_uploaded, 3) << "the output went out in parts while the input was read";
}

}  // namespace
}  // namespace millrace::runner
