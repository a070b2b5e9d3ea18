//! Certificates and keys as OpenSSL writes them: which are taken, and what is said about the others.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::certificate::Certificate;
use super::error::CertificateError;

/// A folder with files of OpenSSL.
struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with a chain of a server (`leaf.pem`), an authority in between (`between.pem`) and a root, and
    /// with the server's key. `None`, and a sentence, if OpenSSL is not installed.
    fn new() -> Option<Self> {
        let folder = Self(tempfile::tempdir().unwrap());
        if Command::new("openssl").arg("version").output().is_err() {
            assert!(std::env::var_os("CI").is_none(), "openssl is not installed");
            println!("openssl is not installed: this test has tried nothing");
            return None;
        }
        folder.authority("root", &[]);
        folder.authority("between", &["-CA", "root.pem", "-CAkey", "root.key"]);
        folder.key("key.pem", "EC", "ec_paramgen_curve:P-256");
        folder.leaf("leaf.pem", "key.pem");
        Some(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Writes several files into one.
    fn join(&self, name: &str, parts: &[&str]) {
        let parts: Vec<_> = parts.iter().map(|part| self.text(part)).collect();
        self.write(name, parts.concat());
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    fn key(&self, name: &str, algorithm: &str, option: &str) {
        let mut arguments = vec!["genpkey", "-out", name, "-algorithm", algorithm];
        if !option.is_empty() {
            arguments.extend(["-pkeyopt", option]);
        }
        self.openssl(&arguments);
    }

    fn authority(&self, name: &str, signer: &[&str]) {
        let (key, cert) = (format!("{name}.key"), format!("{name}.pem"));
        self.key(&key, "EC", "ec_paramgen_curve:P-256");
        let subject = format!("/CN={name}");
        let own = [
            "req",
            "-x509",
            "-key",
            &key,
            "-out",
            &cert,
            "-subj",
            &subject,
            "-days",
            "30",
            "-addext",
            "basicConstraints=critical,CA:true",
        ];
        self.openssl(&[&own, signer].concat());
    }

    /// A certificate for localhost of the authority in between.
    fn leaf(&self, name: &str, key: &str) {
        self.openssl(&[
            "req",
            "-x509",
            "-key",
            key,
            "-out",
            name,
            "-subj",
            "/CN=leaf",
            "-days",
            "30",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-CA",
            "between.pem",
            "-CAkey",
            "between.key",
        ]);
    }

    fn read(&self, cert: &str, key: &str) -> Result<Certificate, CertificateError> {
        Certificate::read(&self.path(cert), &self.path(key))
    }

    /// What is said about files that cannot be used: it must have all these words.
    fn refused(&self, cert: &str, key: &str, words: &[&str]) {
        let error = self.read(cert, key).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{cert}, {key}: {error}");
        }
        assert!(!error.contains("os error"), "{error}");
    }
}

#[test]
fn chains_and_keys_in_all_their_forms_are_taken() {
    let Some(folder) = Folder::new() else { return };
    folder.join("chain.pem", &["leaf.pem", "between.pem"]);
    folder.openssl(&["ec", "-in", "key.pem", "-out", "sec1.pem"]);
    folder.join("both.pem", &["key.pem", "leaf.pem", "between.pem"]);
    folder.openssl(&["ecparam", "-name", "prime256v1", "-out", "parameters.pem"]);
    folder.join("with-parameters.pem", &["parameters.pem", "sec1.pem"]);
    for (cert, key) in [
        ("leaf.pem", "key.pem"),
        ("chain.pem", "key.pem"),
        ("chain.pem", "sec1.pem"),
        ("both.pem", "both.pem"),
        ("chain.pem", "with-parameters.pem"),
    ] {
        let certificate = folder.read(cert, key).unwrap();
        assert_eq!(certificate.names(), ["localhost", "127.0.0.1"]);
    }
    for (algorithm, option) in [
        ("EC", "ec_paramgen_curve:P-384"),
        ("ED25519", ""),
        ("RSA", "rsa_keygen_bits:2048"),
    ] {
        folder.key("other.key", algorithm, option);
        folder.leaf("other.pem", "other.key");
        folder.read("other.pem", "other.key").unwrap();
    }
    folder.openssl(&[
        "rsa",
        "-in",
        "other.key",
        "-traditional",
        "-out",
        "pkcs1.pem",
    ]);
    folder.read("other.pem", "pkcs1.pem").unwrap();
}

#[test]
fn files_of_windows_editors_are_taken() {
    let Some(folder) = Folder::new() else { return };
    for name in ["leaf.pem", "key.pem"] {
        let text = folder.text(name).replace('\n', "\r\n");
        folder.write(&format!("crlf-{name}"), &text);
        folder.write(&format!("bom-{name}"), format!("\u{feff}{text}"));
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let little: Vec<_> = units(&format!("\u{feff}{text}"))
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .collect();
        folder.write(&format!("utf16-{name}"), little);
        folder.write(
            &format!("comment-{name}"),
            format!("subject=CN = leaf\n\n{text}"),
        );
    }
    for form in ["crlf", "bom", "utf16", "comment"] {
        let read = folder.read(&format!("{form}-leaf.pem"), &format!("{form}-key.pem"));
        assert!(read.is_ok(), "{form}: {read:?}");
    }
}

#[test]
fn a_key_with_a_passphrase_comes_with_the_way_to_remove_it() {
    let Some(folder) = Folder::new() else { return };
    let with_passphrase = ["-aes256", "-passout", "pass:secret"];
    let pkcs8 = ["pkey", "-in", "key.pem", "-out", "pkcs8.pem"];
    folder.openssl(&[&pkcs8[..], &with_passphrase].concat());
    let traditional = [
        "pkey",
        "-in",
        "key.pem",
        "-traditional",
        "-out",
        "rfc1421.pem",
    ];
    folder.openssl(&[&traditional[..], &with_passphrase].concat());
    for key in ["pkcs8.pem", "rfc1421.pem"] {
        let remedy = format!("openssl pkey -in {} -out", folder.path(key).display());
        folder.refused(
            "leaf.pem",
            key,
            &[key, "encrypted with a passphrase", &remedy],
        );
    }
}

#[test]
fn a_key_of_an_algorithm_that_is_not_supported_is_named() {
    let Some(folder) = Folder::new() else { return };
    for (algorithm, option, name) in [
        ("EC", "ec_paramgen_curve:P-521", "a key on the curve P-521"),
        (
            "EC",
            "ec_paramgen_curve:secp256k1",
            "a key on the curve secp256k1",
        ),
        ("EC", "ec_paramgen_curve:brainpoolP256r1", "brainpoolP256r1"),
        ("ED448", "", "an Ed448 key"),
        ("X25519", "", "a key for X25519"),
        (
            "RSA",
            "rsa_keygen_bits:1024",
            "an RSA key of 1024 bits instead of 2048 to 4096",
        ),
        ("RSA-PSS", "rsa_keygen_bits:2048", "a key for RSA-PSS alone"),
    ] {
        folder.key("other.key", algorithm, option);
        let remedy = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256";
        folder.refused("leaf.pem", "other.key", &["other.key", name, remedy]);
    }
    folder.key("p521.key", "EC", "ec_paramgen_curve:P-521");
    folder.openssl(&["ec", "-in", "p521.key", "-out", "sec1.key"]);
    folder.refused("leaf.pem", "sec1.key", &["a key on the curve P-521"]);
}

#[test]
fn a_chain_in_the_wrong_order_says_which_certificate_belongs_first() {
    let Some(folder) = Folder::new() else { return };
    folder.join("wrong.pem", &["root.pem", "between.pem", "leaf.pem"]);
    let words = ["wrong.pem", "which is number 3", "put it first"];
    folder.refused("wrong.pem", "key.pem", &words);
    // Clients cope with a chain that is in disorder behind the server's certificate, some of them.
    folder.join("disorder.pem", &["leaf.pem", "root.pem", "between.pem"]);
    let certificate = folder.read("disorder.pem", "key.pem").unwrap();
    let warnings = certificate.warnings(std::time::SystemTime::now());
    assert!(
        warnings[0].contains("certificate number 2 of the chain is not of the authority"),
        "{warnings:?}"
    );
}

#[test]
fn a_key_of_another_certificate_is_called_so() {
    let Some(folder) = Folder::new() else { return };
    let words = [
        "root.key",
        "belongs to another certificate",
        "leaf.pem",
        "-pubkey",
    ];
    folder.refused("leaf.pem", "root.key", &words);
}

#[test]
fn files_given_for_one_another_are_called_so() {
    let Some(folder) = Folder::new() else { return };
    let remedy = "the certificate chain with --cert and its private key with --key";
    folder.refused(
        "key.pem",
        "leaf.pem",
        &["key.pem", "holds a private key instead", remedy],
    );
    folder.refused(
        "leaf.pem",
        "leaf.pem",
        &["leaf.pem", "holds a certificate instead", remedy],
    );
    folder.openssl(&["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"]);
    folder.refused(
        "leaf.pem",
        "public.pem",
        &["a public key instead of a private one"],
    );
    let request = [
        "req",
        "-new",
        "-key",
        "key.pem",
        "-subj",
        "/CN=leaf",
        "-out",
        "request.pem",
    ];
    folder.openssl(&request);
    folder.refused("request.pem", "key.pem", &["a request for a certificate"]);
}

impl Folder {
    /// Writes the certificate and the key in other formats than PEM.
    fn convert(&self) {
        let der = |name: &'static str| ["-outform", "der", "-out", name];
        let pkcs7 = ["crl2pkcs7", "-nocrl", "-certfile", "leaf.pem"];
        let pkcs12 = ["pkcs12", "-export", "-in", "leaf.pem", "-inkey", "key.pem"];
        for arguments in [
            [&["x509", "-in", "leaf.pem"][..], &der("leaf.der")].concat(),
            [&["pkey", "-in", "key.pem"][..], &der("key.der")].concat(),
            [&["ec", "-in", "key.pem"][..], &der("sec1.der")].concat(),
            [&pkcs12[..], &["-passout", "pass:x", "-out", "leaf.p12"]].concat(),
            [&pkcs7[..], &["-out", "p7.pem"]].concat(),
            [&pkcs7[..], &der("p7.der")].concat(),
            [
                "x509",
                "-in",
                "leaf.pem",
                "-trustout",
                "-out",
                "trusted.pem",
            ]
            .to_vec(),
        ] {
            self.openssl(&arguments);
        }
    }
}

#[test]
fn files_in_other_formats_come_with_the_way_to_convert_them() {
    let Some(folder) = Folder::new() else { return };
    folder.convert();
    for (cert, words, command) in [
        (
            "leaf.der",
            "a certificate in DER",
            "openssl x509 -inform der -in",
        ),
        ("leaf.p12", "a PKCS#12 archive", "openssl pkcs12 -in"),
        ("p7.pem", "a PKCS#7 collection", "openssl pkcs7 -in"),
        (
            "p7.der",
            "a PKCS#7 collection",
            "openssl pkcs7 -inform der -in",
        ),
        ("trusted.pem", "TRUSTED CERTIFICATE", "openssl x509 -in"),
        (
            "key.der",
            "a private key in DER",
            "give the certificate chain with --cert",
        ),
    ] {
        folder.refused(cert, "key.pem", &[cert, words, command]);
    }
    for (key, words, command) in [
        (
            "key.der",
            "a private key in DER",
            "openssl pkey -inform der -in",
        ),
        (
            "sec1.der",
            "a private key in DER",
            "openssl pkey -inform der -in",
        ),
        ("leaf.p12", "a PKCS#12 archive", "-nocerts"),
        (
            "leaf.der",
            "a certificate in DER",
            "give the private key with --key",
        ),
    ] {
        folder.refused("leaf.pem", key, &[key, words, command]);
    }
}

#[test]
fn files_without_anything_of_use_are_called_so() {
    let Some(folder) = Folder::new() else { return };
    folder.write("empty.pem", "");
    folder.write("blank.pem", "\r\n \n");
    folder.write("text.pem", "nothing here\n");
    folder.write("large.pem", vec![b'x'; 2 * 1024 * 1024]);
    for (name, words) in [
        ("empty.pem", "is empty"),
        ("blank.pem", "is empty"),
        ("text.pem", "holds no PEM"),
        ("large.pem", "is larger than any certificate"),
        (
            "gone.pem",
            "cannot be read: No such file or directory; check",
        ),
    ] {
        folder.refused(name, "key.pem", &[name, words]);
        folder.refused("leaf.pem", name, &[name, words]);
    }
    let leaf = folder.text("leaf.pem");
    folder.write("cut.pem", &leaf[..leaf.len() / 2]);
    folder.refused(
        "cut.pem",
        "key.pem",
        &["cut.pem", "is damaged", "copy the file anew"],
    );
    let garbled = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    folder.write("garbled.pem", garbled);
    folder.refused(
        "garbled.pem",
        "key.pem",
        &["certificate number 1", "damaged"],
    );
}

#[test]
fn a_certificate_out_of_its_time_is_warned_about() {
    let Some(folder) = Folder::new() else { return };
    for (begin, end, words) in [
        (
            "20200101000000Z",
            "20200201000000Z",
            "expired on Sat, 01 Feb 2020",
        ),
        (
            "20900101000000Z",
            "20910101000000Z",
            "is not valid before Sun, 01 Jan 2090",
        ),
    ] {
        // Older versions of OpenSSL sign for days from now on alone.
        folder.openssl(&[
            "req",
            "-new",
            "-key",
            "key.pem",
            "-subj",
            "/CN=leaf",
            "-out",
            "request.pem",
        ]);
        folder.write("index", "");
        folder.write("serial", "01\n");
        folder.write(
            "ca.conf",
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n\
             policy=any\nx509_extensions=v3\n[v3]\nbasicConstraints=CA:false\n[any]\ncommonName=supplied\n",
        );
        folder.openssl(&[
            "ca",
            "-batch",
            "-config",
            "ca.conf",
            "-cert",
            "between.pem",
            "-keyfile",
            "between.key",
            "-in",
            "request.pem",
            "-out",
            "timed.pem",
            "-startdate",
            begin,
            "-enddate",
            end,
            "-notext",
        ]);
        let certificate = folder.read("timed.pem", "key.pem").unwrap();
        let warnings = certificate.warnings(std::time::SystemTime::now());
        assert!(warnings[0].starts_with("the certificate "), "{warnings:?}");
        assert!(warnings[0].contains(words), "{warnings:?}");
    }
}
