// SPDX-License-Identifier: Apache-2.0
#include "net/scripted_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <stdexcept>

namespace latchkey::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

bool ServerConnection::start_tls(asio::ssl::context& context) {
    tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, context);
    error_code error;
    tls_->handshake(asio::ssl::stream_base::server, error);
    return !error;
}

std::size_t ServerConnection::read_some(char* data, std::size_t size) {
    error_code error;
    const auto buffer = asio::buffer(data, size);
    return tls_ ? tls_->read_some(buffer, error) : socket_.read_some(buffer, error);
}

std::string ServerConnection::read_request() {
    std::string request;
    char chunk[4096];
    std::size_t needed = std::string::npos;
    while (request.size() < needed) {
        const std::size_t count = read_some(chunk, sizeof(chunk));
        if (count == 0) {
            return {};
        }
        request.append(chunk, count);
        const std::size_t end = request.find("\r\n\r\n");
        if (end == std::string::npos) {
            continue;
        }
        const std::size_t length = request.find("Content-Length: ");
        needed = end + 4;
        if (length < end) {
            needed += std::stoul(request.substr(length + 16));
        }
    }
    return request;
}

bool ServerConnection::write(std::string_view bytes) {
    error_code error;
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    if (tls_) {
        asio::write(*tls_, buffer, error);
    } else {
        asio::write(socket_, buffer, error);
    }
    return !error;
}

bool ServerConnection::answer(std::string_view body, std::string_view status,
                              std::string_view more_headers) {
    std::string text = "HTTP/1.1 ";
    text.append(status)
        .append("\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n")
        .append(more_headers)
        .append("\r\n")
        .append(body);
    return write(text);
}

void ServerConnection::end_with_reset() {
    error_code ignored;
    socket_.set_option(tcp::socket::linger(true, 0), ignored);
}

ScriptedServer::ScriptedServer(Script script)
    : acceptor_(context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)),
      port_(acceptor_.local_endpoint().port()),
      script_(std::move(script)),
      acceptor_thread_([this] { accept_loop(); }) {}

void ScriptedServer::accept_loop() {
    while (!is_stopping_) {
        error_code error;
        tcp::socket socket(context_);
        acceptor_.accept(socket, error);
        if (error || is_stopping_) {
            return;
        }
        ++connections_;
        socket.set_option(tcp::no_delay(true), error);
        const int handle = socket.native_handle();
        const std::lock_guard lock(mutex_);
        handles_.insert(handle);
        threads_.emplace_back([this, handle, moved = std::move(socket)]() mutable {
            ServerConnection connection(std::move(moved));
            script_(connection);
            const std::lock_guard closing(mutex_);
            handles_.erase(handle);
            connection.socket().close();
        });
    }
}

ScriptedServer::~ScriptedServer() {
    is_stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    acceptor_thread_.join();
    {
        // Ends whatever the scripts wait for.
        const std::lock_guard lock(mutex_);
        for (const int handle : handles_) {
            ::shutdown(handle, SHUT_RDWR);
        }
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

std::string ScriptedServer::url(std::string_view scheme, std::string_view host) const {
    return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port_) + "/path";
}

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool condition) {
    if (!condition) {
        throw std::runtime_error("OpenSSL failed to make a test certificate");
    }
}

Key make_key() {
    Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    require(key != nullptr);
    return key;
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

Certificate make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer,
                             EVP_PKEY* issuer_key, bool is_authority, long serial) {
    Certificate certificate(X509_new(), X509_free);
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME* subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* signer = issuer == nullptr ? x : issuer;
    X509_set_issuer_name(x, X509_get_subject_name(signer));
    add_extension(x, signer, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!is_authority) {
        add_extension(x, signer, NID_subject_alt_name, name);
    }
    require(X509_sign(x, issuer_key, EVP_sha256()) > 0);
    return certificate;
}

template <typename Write>
std::string to_pem(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    require(write(bio.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TestCertificates::TestCertificates(const std::string& name) {
    const Key authority_key = make_key();
    const Key key = make_key();
    const Certificate authority = make_certificate("test authority", authority_key.get(), nullptr,
                                                   authority_key.get(), true, 1);
    const Certificate certificate =
        make_certificate(name, key.get(), authority.get(), authority_key.get(), false, 2);
    authority_pem = to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, authority.get()); });
    certificate_pem = to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
    key_pem = to_pem([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::unique_ptr<asio::ssl::context> TestCertificates::server_context() const {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain(asio::buffer(certificate_pem));
    context->use_private_key(asio::buffer(key_pem), asio::ssl::context::pem);
    return context;
}

}  // namespace latchkey::net
