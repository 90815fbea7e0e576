#include "platform/aws/router.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "generated/aws/s3/operations.h"

namespace millrace::aws {
namespace {

struct Case {
  const char* method;
  const char* target;
  const char* header;  ///< a header that is present, or ""
  const char* operation;
};

std::string routed(std::string_view method, std::string_view target, std::string_view header = "") {
  static const Router router(wire::s3::kService);
  http::Headers headers;
  if (!header.empty()) headers.add(std::string(header), "x");
  const std::size_t question = target.find('?');
  const Parameters query(question == std::string_view::npos ? "" : target.substr(question + 1));
  const auto route = router.find(method, target.substr(0, question), query, headers);
  return route ? std::string(route->operation->name) : "none";
}

TEST(Router, FindsEveryAnsweredS3Operation) {
  const Case cases[] = {
      {"GET", "/", "", "ListBuckets"},
      {"PUT", "/b", "", "CreateBucket"},
      {"PUT", "/b/", "", "CreateBucket"},
      {"HEAD", "/b", "", "HeadBucket"},
      {"DELETE", "/b", "", "DeleteBucket"},
      {"GET", "/b?location", "", "GetBucketLocation"},
      {"GET", "/b?versioning", "", "GetBucketVersioning"},
      {"GET", "/b", "", "ListObjects"},
      {"GET", "/b?prefix=p&encoding-type=url", "", "ListObjects"},
      {"GET", "/b?list-type=2&prefix=p", "", "ListObjectsV2"},
      {"GET", "/b?list-type=3", "", "ListObjects"},
      {"GET", "/b?uploads", "", "ListMultipartUploads"},
      {"POST", "/b?delete", "", "DeleteObjects"},
      {"HEAD", "/b/k", "", "HeadObject"},
      {"GET", "/b/k", "", "GetObject"},
      {"GET", "/b/k?partNumber=3", "", "GetObject"},
      {"GET", "/b/k?x-id=GetObject&response-content-type=text/plain", "", "GetObject"},
      {"GET", "/b/k?uploadId=u", "", "ListParts"},
      {"GET", "/b/k?attributes", "x-amz-object-attributes", "GetObjectAttributes"},
      {"GET", "/b/k?tagging", "", "GetObjectTagging"},
      {"PUT", "/b/k?tagging", "", "PutObjectTagging"},
      {"DELETE", "/b/k?tagging", "", "DeleteObjectTagging"},
      {"PUT", "/b/k", "", "PutObject"},
      {"PUT", "/b/k", "x-amz-copy-source", "CopyObject"},
      {"PUT", "/b/k?partNumber=1&uploadId=u", "", "UploadPart"},
      {"PUT", "/b/k?partNumber=1&uploadId=u", "X-Amz-Copy-Source", "UploadPartCopy"},
      {"POST", "/b/k?uploads", "", "CreateMultipartUpload"},
      {"POST", "/b/k?uploadId=u", "", "CompleteMultipartUpload"},
      {"DELETE", "/b/k?uploadId=u", "", "AbortMultipartUpload"},
      {"DELETE", "/b/k", "", "DeleteObject"},
  };
  for (const Case& c : cases) EXPECT_EQ(routed(c.method, c.target, c.header), c.operation) << c.method << " " << c.target;
}

TEST(Router, KnowsOperationsThatNobodyAnswers) {
  EXPECT_EQ(routed("PUT", "/b?policy"), "PutBucketPolicy");
  EXPECT_EQ(routed("GET", "/b?acl"), "GetBucketAcl");
  EXPECT_EQ(routed("PUT", "/b/k?acl"), "PutObjectAcl");
  EXPECT_EQ(routed("POST", "/b/k?select&select-type=2"), "SelectObjectContent");
  EXPECT_EQ(routed("GET", "/b?lifecycle"), "GetBucketLifecycleConfiguration");
}

TEST(Router, FindsNothingForMethodsThatAPathDoesNotHave) {
  EXPECT_EQ(routed("POST", "/b/k"), "none");
  EXPECT_EQ(routed("PATCH", "/b/k"), "none");
  EXPECT_EQ(routed("PUT", "/"), "none");
  EXPECT_EQ(routed("GET", "//k"), "none");
}

TEST(Router, DecodesLabelsOnceAndKeepsSlashesOfKeys) {
  const Router router(wire::s3::kService);
  const auto route = router.find("GET", "/my-bucket/a%2Fb//c+d%2525/", Parameters(""), {});
  ASSERT_TRUE(route);
  EXPECT_EQ(*route->label("Bucket"), "my-bucket");
  EXPECT_EQ(*route->label("Key"), "a/b//c+d%25/");
}

TEST(Router, RefusesAMalformedEscapeAndWhatIsNotUtf8) {
  const Router router(wire::s3::kService);
  for (const char* path : {"/b/k%zz", "/b/k%4", "/b/k%FF", "/b/\xC3"}) {
    try {
      static_cast<void>(router.find("GET", path, Parameters(""), {}));
      FAIL() << "accepted " << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "InvalidURI");
    }
  }
}

TEST(BucketOfHost, IsWhatStandsBeforeABaseHost) {
  const std::vector<std::string> bases = {"store.example.com", "example.com"};
  EXPECT_EQ(bucket_of_host("photos.localhost:9000", bases), "photos");
  EXPECT_EQ(bucket_of_host("my.dotted.bucket.store.example.com", bases), "my.dotted.bucket");
  EXPECT_EQ(bucket_of_host("Photos.Example.COM:80", bases), "photos");
  EXPECT_EQ(bucket_of_host("photos.s3.eu-west-1.amazonaws.com", bases), "photos");
  EXPECT_EQ(bucket_of_host("photos.s3.amazonaws.com", bases), "photos");
  EXPECT_EQ(bucket_of_host("photos.s3-us-west-2.amazonaws.com", bases), "photos");
  EXPECT_EQ(bucket_of_host("photos.s3.dualstack.us-west-2.amazonaws.com", bases), "photos");
  EXPECT_EQ(bucket_of_host("photos.s3.cn-north-1.amazonaws.com.cn", bases), "photos");
  EXPECT_EQ(bucket_of_host("my.s3-control.s3.us-east-1.amazonaws.com", bases), "my.s3-control");
}

TEST(BucketOfHost, IsNothingForBaseHostsAddressesAndStrangers) {
  const std::vector<std::string> bases = {"store.example.com", "example.com"};
  for (const char* host : {"store.example.com", "example.com:8080", "localhost:9000", "127.0.0.1:9000", "[::1]:9000", "",
                           "s3.eu-west-1.amazonaws.com", "s3.amazonaws.com", "s3-eu-west-1.amazonaws.com", "111122223333.s3-control.us-east-1.amazonaws.com",
                           "s3-outposts.us-east-1.amazonaws.com",
                           "ap-111122223333.op-01234567890123456.s3-outposts.us-east-1.amazonaws.com", "other.org",
                           "notlocalhost"}) {
    EXPECT_EQ(bucket_of_host(host, bases), std::nullopt) << host;
  }
}

TEST(Parameters, AreDecodedInOrder) {
  const Parameters parameters("a=1&b&c=x%20y+z&a=2&&=e");
  EXPECT_EQ(*parameters.find("a"), "1");
  EXPECT_EQ(*parameters.find("b"), "");
  EXPECT_EQ(*parameters.find("c"), "x y z");
  EXPECT_EQ(parameters.find("d"), nullptr);
  EXPECT_TRUE(Parameters("").empty());
  EXPECT_THROW(Parameters("a=%4"), Error);
  EXPECT_THROW(Parameters("a=\xFF"), Error);
}

}  // namespace
}  // namespace millrace::aws
