use super::*;
use crate::clock::ManualClock;
use std::fs;
use std::time::Duration;

/// A folder with a certificate of its own, and the files in it.
struct Folder {
    directory: tempfile::TempDir,
    cert: PathBuf,
    key: PathBuf,
    certificate: Certificate,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let made = self_signed::load_or_make(folder.path(), &names, SystemTime::now());
        Self {
            cert: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
            certificate: made.unwrap().0,
            directory: folder,
        }
    }

    fn files(&self) -> Files {
        Files::new(&self.cert, &self.key)
    }
}

async fn look(current: &CurrentCertificate, files: &mut Files) {
    current.look(files, SystemTime::now()).await;
}

#[tokio::test]
async fn half_a_renewal_is_left_alone_until_the_other_half_is_there() {
    let (old, new) = (Folder::new(), Folder::new());
    let current = CurrentCertificate::new(old.certificate.clone());
    let mut files = old.files();

    fs::copy(&new.cert, &old.cert).unwrap();
    look(&current, &mut files).await;
    assert_eq!(current.fingerprint(), old.certificate.fingerprint);
    assert!(files.said.error.is_some());

    fs::copy(&new.key, &old.key).unwrap();
    look(&current, &mut files).await;
    assert_eq!(current.fingerprint(), new.certificate.fingerprint);
    assert_eq!(files.said.error, None);
}

#[tokio::test]
async fn a_chain_that_grew_behind_the_same_leaf_is_taken_up() {
    let (old, authority) = (Folder::new(), Folder::new());
    let current = CurrentCertificate::new(old.certificate.clone());
    let mut files = old.files();
    look(&current, &mut files).await;

    let leaf = fs::read_to_string(&old.cert).unwrap();
    let chain = leaf.clone() + &fs::read_to_string(&authority.cert).unwrap();
    fs::write(&old.cert, chain).unwrap();
    look(&current, &mut files).await;
    assert_eq!(current.fingerprint(), old.certificate.fingerprint);
    assert_eq!(current.get().key.cert.len(), 2);

    fs::write(&old.cert, leaf).unwrap();
    look(&current, &mut files).await;
    assert_eq!(current.get().key.cert.len(), 1);
}

#[tokio::test]
async fn a_change_that_keeps_the_time_of_the_file_is_taken_up() {
    let (old, new) = (Folder::new(), Folder::new());
    let current = CurrentCertificate::new(old.certificate.clone());
    let mut files = old.files();
    look(&current, &mut files).await;
    let times = [&old.cert, &old.key].map(|path| fs::metadata(path).unwrap().modified().unwrap());
    for (from, to, time) in [
        (&new.cert, &old.cert, times[0]),
        (&new.key, &old.key, times[1]),
    ] {
        fs::copy(from, to).unwrap();
        let file = fs::File::options().write(true).open(to).unwrap();
        file.set_modified(time).unwrap();
    }
    look(&current, &mut files).await;
    assert_eq!(current.fingerprint(), new.certificate.fingerprint);
}

#[tokio::test]
async fn files_that_are_gone_change_nothing_and_are_named() {
    let old = Folder::new();
    let current = CurrentCertificate::new(old.certificate.clone());
    let mut files = old.files();
    drop(old.directory);
    look(&current, &mut files).await;
    assert_eq!(current.fingerprint(), old.certificate.fingerprint);
    let error = files.said.error.unwrap();
    assert!(error.contains("cert.pem cannot be read"), "{error}");
}

#[tokio::test]
async fn a_certificate_that_ends_while_the_server_runs_is_warned_about_once() {
    let folder = Folder::new();
    let current = CurrentCertificate::new(folder.certificate.clone());
    let mut files = folder.files();
    look(&current, &mut files).await;
    assert!(files.said.warnings.is_empty());
    let later = SystemTime::now() + Duration::from_hours(400 * 24);
    current.look(&mut files, later).await;
    let [warning] = &files.said.warnings[..] else {
        panic!("{files:?}");
    };
    assert!(
        warning.starts_with("the certificate expired on "),
        "{warning}"
    );
    let earlier = SystemTime::now() - Duration::from_hours(10 * 24);
    current.look(&mut files, earlier).await;
    assert!(
        files.said.warnings[0].contains("is not valid before "),
        "{files:?}"
    );
}

#[tokio::test]
async fn a_certificate_for_this_machine_is_renewed_while_the_server_runs() {
    let old = Folder::new();
    let names = ["localhost".to_owned()];
    let current = CurrentCertificate::new(old.certificate.clone());

    let clock = ManualClock::at(SystemClock.read().wall.unwrap());
    let mut steadiness = Steadiness::default();
    let mut look = async || {
        let reading = clock.read();
        current
            .renew_if_due(old.directory.path(), &names, reading, &mut steadiness)
            .await;
        current.fingerprint() == old.certificate.fingerprint
    };
    assert!(look().await);
    clock.advance(Duration::from_hours(370 * 24));
    assert!(!look().await);
    // The next start shows the same one.
    let kept = Certificate::read(&old.cert, &old.key).unwrap();
    assert_eq!(current.fingerprint(), kept.fingerprint);
}

#[tokio::test]
async fn a_jump_of_the_clock_renews_no_certificate() {
    let old = Folder::new();
    let names = ["localhost".to_owned()];
    let current = CurrentCertificate::new(old.certificate.clone());
    let clock = ManualClock::at(SystemClock.read().wall.unwrap());
    let mut steadiness = Steadiness::default();
    let years = 3 * 365 * 24 * 60 * 60;
    for jump in [0, years, -years, -years, years] {
        clock.jump(jump);
        for _ in 0..2 {
            clock.advance(Duration::from_mins(25));
            current
                .renew_if_due(old.directory.path(), &names, clock.read(), &mut steadiness)
                .await;
        }
        assert_eq!(current.fingerprint(), old.certificate.fingerprint, "{jump}");
    }
}
