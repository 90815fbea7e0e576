#include "platform/jobs/residency.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"
#include "platform/records/temporary_database.h"

namespace millrace::jobs {
namespace {

namespace control = wire::control;
using control::HostResidency;
using control::NetworkKind;
using control::PlaceAccess;
using control::PlaceKind;

HostResidency run(const std::string& id, const char* kind,
                  const std::optional<std::string>& name = std::nullopt, std::int64_t refused = 0,
                  std::int64_t packets = 0) {
  HostResidency made{.run = id, .network = control::NetworkUse{.kind = kind}};
  if (!name) return made;
  made.network->namespace_ = name;
  made.network->refused_attempts = refused;
  made.network->outbound_packets = packets;
  made.network->daemon_connections = 2;
  return made;
}

TEST(JoinResidency, HostsOfOneNamespaceCountItsAttemptsOnceAndAttemptsOfAJobAddUp) {
  const JoinedResidency joined =
      join_residency({{"algo-1", run("a", NetworkKind::Private, "first", 3)},
                      {"algo-2", run("b", NetworkKind::Private, "first", 4)},
                      {"algo-1", run("c", NetworkKind::Private, "second", 1)}});
  EXPECT_EQ(joined.network.kinds, std::vector<std::string>{"Private"});
  EXPECT_EQ(joined.network.outbound_connections, 0);
  EXPECT_EQ(joined.network.outbound_packets, 0);
  EXPECT_EQ(joined.network.refused_attempts, 5);
  EXPECT_EQ(joined.network.daemon_connections, 6);
}

TEST(JoinResidency, NothingIsClaimedOfWhatWasNotCounted) {
  const JoinedResidency mixed =
      join_residency({{"algo-1", run("a", NetworkKind::Private, "first", 3)},
                      {"algo-1", run("b", NetworkKind::Machine)}});
  EXPECT_EQ(mixed.network.kinds, (std::vector<std::string>{"Machine", "Private"}));
  EXPECT_FALSE(mixed.network.outbound_connections);
  EXPECT_FALSE(mixed.network.refused_attempts);
  EXPECT_FALSE(mixed.network.daemon_connections);
  EXPECT_FALSE(
      join_residency({{"algo-1", run("a", NetworkKind::Private)}}).network.outbound_connections);
  EXPECT_FALSE(join_residency({{"algo-1", run("a", NetworkKind::Private, "n", 0, 7)}})
                   .network.outbound_connections)
      << "packets that got out cannot be told from connections";
  EXPECT_TRUE(join_residency({{"algo-1", HostResidency{.run = "a"}}}).network.kinds.empty());
}

TEST(JoinResidency, PlacesOfHostsAreJoined) {
  HostResidency first = run("a", NetworkKind::Private, "n");
  first.places = {{.kind = PlaceKind::S3,
                   .place = "s3://b/in/",
                   .access = PlaceAccess::Read,
                   .by = "channel 'train'",
                   .objects = 2,
                   .bytes = 10},
                  {.kind = PlaceKind::FileSystem,
                   .place = "/srv/data",
                   .access = PlaceAccess::ReadWrite,
                   .by = "channel 'more'"}};
  HostResidency second = run("b", NetworkKind::Private, "n");
  second.places = {first.places.front()};
  second.places.front().objects = 3;
  const JoinedResidency joined = join_residency({{"algo-1", first}, {"algo-2", second}});
  ASSERT_EQ(joined.places.size(), 2U);
  EXPECT_EQ(joined.places[0].place, "/srv/data");
  EXPECT_FALSE(joined.places[0].objects);
  EXPECT_EQ(joined.places[0].hosts, 1);
  EXPECT_EQ(joined.places[1].objects, 5);
  EXPECT_EQ(joined.places[1].bytes, 20);
  EXPECT_EQ(joined.places[1].hosts, 2);
}

class ResidencyTest : public testing::Test {
 protected:
  ResidencyTest() { std::filesystem::create_directories(audit_); }
  ~ResidencyTest() override { std::filesystem::remove_all(audit_); }

  void log(const std::string& who, const std::string& action, const std::string& resource,
           const std::string& more) {
    lines_ += R"({"time":"2026-11-28T10:00:00.000Z","account":"1","arn":")" + who +
              R"(","actions":[{"action":")" + action + R"(","resource":")" + resource + "\"}]" +
              more + "}\n";
    write_all(create_for_writing(audit_ / "2026-11-28.jsonl").get(), lines_);
  }
  control::DescribeJobResidencyResponse describe(bool readers) {
    Residency residency(database_.database(), audit_,
                        {{"",
                          [this](records::Connection&, const std::string&,
                                 const std::string& name) -> std::optional<ResidencySubject> {
                            if (name != "mine") return std::nullopt;
                            return ResidencySubject{
                                .workload = "mine",
                                .status = "Completed",
                                .created = parse_iso8601("2026-11-28T09:00:00Z").value(),
                                .ended = parse_iso8601("2026-11-28T10:00:01Z").value(),
                                .outputs = outputs_};
                          }}},
                        [](std::string_view name) -> std::optional<aws::AccessPointTarget> {
                          if (name != "alias-op-s3") return std::nullopt;
                          return aws::AccessPointTarget{
                              .bucket = "op-1:kept",
                              .arns = {"arn:aws:s3-outposts:r:1:outpost/op-1/accesspoint/near",
                                       "arn:aws:s3-outposts:r:1:outpost/op-1/bucket/kept"}};
                        });
    return residency.describe(
        {.job_name = name_, .readers = readers},
        {.account = "1", .access_key = {}, .arn = {}, .region = {}, .job = {}});
  }

  records::TemporaryDatabase database_;
  std::filesystem::path audit_ =
      std::filesystem::temp_directory_path() / ("residency_" + random_hex(6));
  std::string name_ = "mine";
  std::vector<std::string> outputs_{"s3://out/mine/output"};
  std::string lines_;
};

TEST_F(ResidencyTest, RequestsOfTheJobsKeysAreCountedByFolderAndReadersNamed) {
  const std::string own = R"(,"job":"mine")";
  log("job", "s3:GetObject", "arn:aws:s3:::in/a/1", own);
  log("job", "s3:GetObject", "arn:aws:s3:::in/a/2", own + R"(,"error":"AccessDenied")");
  log("job", "s3:ListBucket", "arn:aws:s3:::in", own);
  log("anna", "s3:GetObject", "arn:aws:s3:::out/mine/output/model.tar.gz", R"(,"user":"anna")");
  log("anna", "s3:PutObject", "arn:aws:s3:::out/mine/output/x", R"(,"user":"anna")");
  log("anna", "s3:GetObject", "arn:aws:s3:::out/other/output/model.tar.gz", R"(,"user":"anna")");
  const auto report = describe(true);
  ASSERT_EQ(report.requests.size(), 2U);
  EXPECT_EQ(report.requests[0].resource, "arn:aws:s3:::in/a/*");
  EXPECT_EQ(report.requests[0].requests, 2);
  EXPECT_EQ(report.requests[0].refused, 1);
  EXPECT_EQ(report.requests[1].resource, "arn:aws:s3:::in");
  ASSERT_TRUE(report.readers);
  ASSERT_EQ(report.readers->size(), 1U);
  EXPECT_EQ(report.readers->front().who, "anna");
  EXPECT_EQ(report.readers->front().resource, "arn:aws:s3:::out/mine/output/*");
  EXPECT_TRUE(report.requests_complete);
  EXPECT_FALSE(describe(false).readers);
}

TEST_F(ResidencyTest, AJobThatReadsAPrefixIsAReaderOfWhatLiesBelow) {
  const std::string other = R"(,"job":"other")";
  log("wider", "s3:GetObject", "arn:aws:s3:::out/mine*", other);
  log("bucket", "s3:GetObject", "arn:aws:s3:::out/*", other);
  log("narrower", "s3:GetObject", "arn:aws:s3:::out/mine/output/model*", other);
  log("beside", "s3:GetObject", "arn:aws:s3:::out/mine/other*", other);
  log("elsewhere", "s3:GetObject", "arn:aws:s3:::out2/mine*", other);
  log("all", "s3:GetBucketLocation", "arn:aws:s3:::out", other);
  std::vector<std::string> names;
  const auto report = describe(true);
  for (const auto& reader : *report.readers) names.push_back(reader.who);
  EXPECT_EQ(names, (std::vector<std::string>{"bucket", "narrower", "wider"}));
}

TEST_F(ResidencyTest, ReadersOfABucketOnAnOutpostAreKnownWhateverNameTheyUse) {
  outputs_ = {"s3://alias-op-s3/mine/output"};
  const std::string bucket = "arn:aws:s3-outposts:r:1:outpost/op-1/bucket/kept/object/";
  log("anna", "s3-outposts:GetObject", bucket + "mine/output/a/1", "");
  log("anna", "s3-outposts:GetObject", bucket + "mine/output/a/2", "");
  log("bert", "s3-outposts:GetObject", bucket + "mine/*", "");
  log("carl", "s3-outposts:GetObject", bucket + "other/x", "");
  log("dora", "s3-outposts:PutObject", bucket + "mine/output/x", "");
  const auto report = describe(true);
  ASSERT_EQ(report.readers->size(), 2U);
  EXPECT_EQ(report.readers->at(0).who, "anna");
  EXPECT_EQ(report.readers->at(0).resource, bucket + "mine/output/a/*");
  EXPECT_EQ(report.readers->at(0).requests, 2);
  EXPECT_EQ(report.readers->at(1).who, "bert");
}

TEST_F(ResidencyTest, WhatSupervisorsSayIsKeptByRun) {
  database_.database().write([&](records::Connection& transaction) {
    Residency::record(transaction, "1", "mine", "algo-1", run("a", NetworkKind::Private, "n", 1));
    Residency::record(transaction, "1", "MINE", "algo-1", run("a", NetworkKind::Private, "n", 2));
    Residency::record(transaction, "2", "mine", "algo-1", run("a", NetworkKind::Machine));
  });
  const auto report = describe(false);
  EXPECT_EQ(report.network.refused_attempts, 2);
  EXPECT_EQ(report.network.outbound_connections, 0);
  EXPECT_FALSE(report.requests_complete) << "there is no audit log of that day";
}

TEST_F(ResidencyTest, AJobThatIsNoneIsRefused) {
  name_ = "other";
  EXPECT_THROW(describe(false), Error);
  name_ = "transform.mine";
  EXPECT_THROW(describe(false), Error);
}

}  // namespace
}  // namespace millrace::jobs
