//! What only a file can do: stay, fill up, be locked.

use bytes::Bytes;

use super::*;
use crate::clock::ManualClock;

fn room() -> RoomName {
    RoomName::parse("a").unwrap()
}

fn entry(bytes: usize) -> NewEntry {
    NewEntry {
        time: 1,
        payload: Bytes::from(vec![b'x'; bytes]),
        key: None,
    }
}

fn open(directory: &Path, epoch: u8) -> Result<SqliteLog, OpenError> {
    let epoch = Epoch::from_random([epoch; 8]);
    SqliteLog::open(directory, &SqliteOptions::default(), epoch)
}

#[tokio::test]
async fn what_was_appended_is_there_after_a_restart_and_the_epoch_stays() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    let epoch = log.epoch();
    log.append(&room(), vec![entry(1), entry(2)]).await.unwrap();
    drop(log);
    let log = open(directory.path(), 2).unwrap();
    assert_eq!(log.epoch(), epoch);
    assert_eq!(
        log.read_after(&room(), 0, ReadLimit::entries(10))
            .await
            .unwrap()
            .len(),
        2
    );
    let appended = log.append(&room(), vec![entry(3)]).await.unwrap();
    assert_eq!(appended[0].offset, 3);
}

#[test]
fn a_store_made_anew_has_another_epoch() {
    let one = tempfile::tempdir().unwrap();
    let two = tempfile::tempdir().unwrap();
    let epoch = |directory, random| open(directory, random).unwrap().epoch();
    assert_ne!(epoch(one.path(), 1), epoch(two.path(), 2));
}

#[test]
fn a_second_server_in_the_same_folder_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path(), 1).unwrap();
    let second = open(directory.path(), 1).unwrap_err();
    assert!(matches!(second, OpenError::Locked(_)), "{second}");
    drop(first);
    assert!(open(directory.path(), 1).is_ok());
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path(), 1).unwrap());
    let file = directory.path().join(FILE_NAME);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = open(directory.path(), 1).unwrap_err();
    assert!(
        matches!(error, OpenError::TooNew { found: 99, .. }),
        "{error}"
    );
}

#[test]
fn a_store_that_cannot_be_opened_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(FILE_NAME);
    let refusal = || open(directory.path(), 1).unwrap_err().to_string();
    std::fs::write(&path, [b'x'; 8192]).unwrap();
    let sentence = refusal();
    assert!(sentence.contains("restore it from a backup"), "{sentence}");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let sentence = refusal();
    assert!(sentence.contains("is a folder; move it away"), "{sentence}");
}

#[cfg(unix)]
#[tokio::test]
async fn messages_whose_store_is_missing_are_not_deleted_by_a_start() {
    let remove: fn(&Path) = |store| std::fs::remove_file(store).unwrap();
    let empty: fn(&Path) = |store| std::fs::write(store, "").unwrap();
    let link: fn(&Path) = |store| {
        let real = store.with_extension("real");
        std::fs::rename(store, &real).unwrap();
        std::os::unix::fs::symlink(real, store).unwrap();
    };
    for lose in [remove, empty, link] {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join(FILE_NAME);
        open(directory.path(), 1).unwrap().close().await;
        let wal = store.with_extension("sqlite3-wal");
        std::fs::write(&wal, "messages").unwrap();
        lose(&store);
        let error = open(directory.path(), 1).unwrap_err();
        assert!(matches!(error, OpenError::Orphaned { .. }), "{error}");
        assert_eq!(std::fs::read(&wal).unwrap(), b"messages");
        // Once it is out of the way, the server starts.
        std::fs::remove_file(&wal).unwrap();
        assert!(open(directory.path(), 1).is_ok());
    }
}

/// Names of the files of the store, in order.
fn names(directory: &Path) -> Vec<String> {
    let files = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn closing_the_log_leaves_all_of_it_in_one_file() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    log.append(&room(), vec![entry(1)]).await.unwrap();
    log.close().await;
    assert_eq!(names(directory.path()), [LOCK_NAME, FILE_NAME]);
    let stopped = Err(LogError::Stopped);
    assert_eq!(log.append(&room(), vec![entry(1)]).await, stopped);
    assert!(log.bounds(&room()).await.is_err());
}

#[tokio::test]
async fn closing_the_log_while_another_program_reads_leaves_nothing_in_the_wal() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    log.append(&room(), vec![entry(1)]).await.unwrap();
    let path = directory.path().join(FILE_NAME);
    let other = schema::open_to_read(&path, Duration::from_secs(1)).unwrap();
    log.close().await;
    let wal = std::fs::metadata(path.with_extension("sqlite3-wal")).unwrap();
    assert_eq!(wal.len(), 0);
    drop(other);
}

#[test]
fn only_full_durability_waits_for_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let synchronous = |durability| -> i64 {
        let path = directory.path().join(FILE_NAME);
        let timeout = Duration::from_secs(1);
        let connection = schema::open(&path, durability, timeout).unwrap();
        connection
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap()
    };
    assert_eq!(synchronous(Durability::Full), 2);
    assert_eq!(synchronous(Durability::Relaxed), 1);
}

/// A log whose writer has a pragma set that the test needs.
async fn with_pragma(directory: &Path, name: &str, value: i64) -> SqliteLog {
    let mut log = open(directory, 1).unwrap();
    log.writer.close().await.unwrap();
    let path = directory.join(FILE_NAME);
    let timeout = Duration::from_secs(1);
    let connection = schema::open(&path, Durability::Full, timeout).unwrap();
    connection.pragma_update(None, name, value).unwrap();
    let continuity = Continuity::remember(&path, &connection, timeout).unwrap();
    let (followers, files) = (log.followers.clone(), log.files.clone());
    let store = Store::new(
        connection,
        continuity,
        100,
        followers,
        files,
        log.ages.clone(),
    );
    log.writer = Writer::start(store).unwrap();
    log
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_half_kept_and_readers_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    log.append(&room(), vec![entry(10)]).await.unwrap();
    drop(log);
    let log = with_pragma(directory.path(), "max_page_count", 30).await;
    let mut kept = 1;
    let error = loop {
        match log.append(&room(), vec![entry(5_000), entry(5_000)]).await {
            Ok(_) => kept += 2,
            Err(error) => break error,
        }
    };
    assert_eq!(error, LogError::Full);
    let limit = ReadLimit::entries(1_000);
    let read = log.read_after(&room(), 0, limit).await.unwrap();
    assert_eq!(read.len(), kept);
    assert_eq!(log.bounds(&room()).await.unwrap().head, kept as u64);
    drop(log);
    let log = open(directory.path(), 1).unwrap();
    let appended = log.append(&room(), vec![entry(5_000)]).await.unwrap();
    assert_eq!(appended[0].offset, kept as u64 + 1);
}

#[tokio::test]
async fn on_a_read_only_disk_appending_says_so_and_readers_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    log.append(&room(), vec![entry(10)]).await.unwrap();
    drop(log);
    let log = with_pragma(directory.path(), "query_only", 1).await;
    let error = log.append(&room(), vec![entry(10)]).await.unwrap_err();
    assert_eq!(error, LogError::ReadOnly);
    assert_eq!(
        log.read_after(&room(), 0, ReadLimit::entries(10))
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn waiting_appends_share_a_commit_and_each_gets_its_own_answer() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    let room = room();
    let appends = (0..100).map(|_| log.append(&room, vec![entry(1)]));
    let mut offsets: Vec<u64> = futures_util::future::try_join_all(appends)
        .await
        .unwrap()
        .into_iter()
        .map(|appended| appended[0].offset)
        .collect();
    offsets.sort_unstable();
    assert_eq!(offsets, (1..=100).collect::<Vec<_>>());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_what_was_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("new/data");
    let log = open(&directory, 1).unwrap();
    log.append(&room(), vec![entry(10)]).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let files = std::fs::read_dir(&directory).unwrap();
    let modes: Vec<_> = files.map(|file| mode(&file.unwrap().path())).collect();
    assert_eq!(
        modes, [0o600; 4],
        "the store, its two companions and the lock"
    );
}

/// Fails the thread that calls it.
struct Failing;

impl Follower for Failing {
    fn committed(&self, _: &[Entry]) {
        panic!("a follower failed, for this test");
    }
}

#[tokio::test]
async fn a_store_whose_writer_has_ended_is_not_healthy() {
    let directory = tempfile::tempdir().unwrap();
    let log = open(directory.path(), 1).unwrap();
    log.health().await.unwrap();
    let follower: Arc<dyn Follower> = Arc::new(Failing);
    log.follow(&room(), Arc::downgrade(&follower));
    let stopped = Err(LogError::Stopped);
    assert_eq!(log.append(&room(), vec![entry(1)]).await, stopped);
    assert_eq!(log.append(&room(), vec![entry(1)]).await, stopped);
    assert_eq!(log.health().await, Err(LogError::Stopped));
}

#[tokio::test]
async fn ages_go_on_after_a_restart_and_no_jump_meanwhile_deletes() {
    let hour = Duration::from_hours(1);
    let clock = ManualClock::at(500_000 * hour);
    let options = SqliteOptions {
        clock: clock.clone(),
        ..SqliteOptions::default()
    };
    let directory = tempfile::tempdir().unwrap();
    let open = || SqliteLog::open(directory.path(), &options, Epoch::from_random([1; 8])).unwrap();
    let keep = Keep {
        max_entries: 100,
        max_age: 48 * hour,
    };
    let log = open();
    log.append(&room(), vec![entry(1)]).await.unwrap();
    clock.advance(24 * hour);
    log.observe_clock().await.unwrap();
    log.append(&room(), vec![entry(1)]).await.unwrap();
    drop(log);

    clock.jump(40 * 86_400);
    clock.reboot();
    let log = open();
    for _ in 0..20 {
        clock.advance(hour);
        log.observe_clock().await.unwrap();
        assert_eq!(log.expire(&room(), keep, 10).await.unwrap(), 0);
    }
    clock.jump(-40 * 86_400);
    for _ in 0..4 {
        assert_eq!(log.expire(&room(), keep, 10).await.unwrap(), 0);
        clock.advance(hour);
        log.observe_clock().await.unwrap();
    }
    clock.advance(hour);
    assert_eq!(log.expire(&room(), keep, 10).await.unwrap(), 1);
    assert_eq!(log.bounds(&room()).await.unwrap().oldest, 2);
}
