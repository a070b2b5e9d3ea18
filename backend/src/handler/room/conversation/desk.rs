//! Where a conversation's socket and cursor lie: within reach of its task, and of whoever has news for it.

use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};

use roomcast_websocket::EncodedFrames;

use crate::room::Outlet;
use crate::subscriber::Subscriber;
use crate::transport::websocket::ServerWebSocket;

/// Holds a [`Talk`] until the conversation ends.
pub(super) struct Desk {
    talk: Mutex<Option<Talk>>,
    /// Whether somebody had news while another one was at the desk. Who leaves it looks.
    missed: AtomicBool,
}

/// What a conversation needs to hand events over.
pub(super) struct Talk {
    pub(super) socket: ServerWebSocket,
    pub(super) subscriber: Subscriber,
    /// The conversation's task, once it has waited.
    waker: Option<Waker>,
}

impl Desk {
    /// A desk with an open socket and its cursor.
    pub(super) fn new(socket: ServerWebSocket, subscriber: Subscriber) -> Self {
        Self {
            talk: Mutex::new(Some(Talk {
                socket,
                subscriber,
                waker: None,
            })),
            missed: AtomicBool::new(false),
        }
    }

    /// What the subscriber's task does when it is polled. `None` when the desk was cleared.
    pub(super) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        work: impl FnOnce(&mut Talk, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<Option<T>> {
        let mut talk = self.lock();
        let Some(at_desk) = talk.as_mut() else {
            return Poll::Ready(None);
        };
        let known = at_desk.waker.as_ref();
        if !known.is_some_and(|waker| waker.will_wake(cx.waker())) {
            at_desk.waker = Some(cx.waker().clone());
        }
        let done = work(at_desk, cx);
        drop(talk);
        // Either who had news sees the lock open, or this sees that they had some.
        fence(Ordering::SeqCst);
        if self.missed.swap(false, Ordering::SeqCst) {
            cx.waker().wake_by_ref();
        }
        done.map(Some)
    }

    /// Takes everything away: nothing is handed over any more.
    pub(super) fn clear(&self) -> Option<Talk> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Talk>> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Desk {
    fn deliver(&self) {
        self.missed.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let mut talk = match self.talk.try_lock() {
            Ok(talk) => talk,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        self.missed.store(false, Ordering::SeqCst);
        if let Some(talk) = talk.as_mut() {
            talk.deliver();
        }
    }
}

impl Talk {
    /// Writes everything that is there, and wakes the task if that is not all.
    fn deliver(&mut self) {
        // A task that has not waited yet will look for itself.
        let Some(waker) = &self.waker else {
            return;
        };
        let mut cx = Context::from_waker(waker);
        while self.socket.is_idle() {
            let Some(events) = self.subscriber.next_in_memory() else {
                if self.subscriber.is_behind() {
                    break;
                }
                return;
            };
            let written = self
                .socket
                .write_through(&mut cx, &EncodedFrames::new(events));
            if written.is_err() || !matches!(self.socket.poll_flush(&mut cx), Poll::Ready(Ok(()))) {
                break;
            }
        }
        waker.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    use roomcast_shared::person::PersonId;
    use roomcast_shared::position::Epoch;
    use roomcast_shared::room_name::RoomName;
    use roomcast_websocket::{Config, Message, Role, WebSocket};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::event_log::memory::MemoryLog;
    use crate::event_log::{EventLog as _, NewEntry};
    use crate::protocol::upgrade::Upgraded;
    use crate::room::Rooms;
    use crate::subscriber::Start;
    use crate::transport::Format;

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Count {
        fn get(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    /// A desk whose task waits for what is new, and the client's end.
    struct Waiting {
        log: Arc<MemoryLog>,
        desk: Arc<Desk>,
        woken: Arc<Count>,
        client: WebSocket<TcpStream>,
    }

    impl Waiting {
        async fn new() -> Self {
            let log = Arc::new(MemoryLog::new(Epoch::from_random([1; 8]), 10));
            let limits = crate::config::RoomOptions::default().limits();
            let room = Rooms::new(log.clone(), limits)
                .open(&lobby())
                .await
                .unwrap();
            let (lease, you) = room.enter(PersonId::from_random([7; 16]), None).unwrap();
            let mut subscriber = Subscriber::new(lease, you, Start::Now, Format::WebSocket)
                .await
                .unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap());
            let (client, accepted) = tokio::join!(client, listener.accept());
            let server = Upgraded::of_tcp(accepted.unwrap().0);
            let config = Config::default();
            let desk = Arc::new_cyclic(|desk: &std::sync::Weak<Desk>| {
                subscriber.deliver_to(desk.clone());
                Desk::new(WebSocket::new(server, Role::Server, config), subscriber)
            });
            let mut waiting = Self {
                log,
                desk,
                woken: Arc::default(),
                client: WebSocket::new(client.unwrap(), Role::Client, config),
            };
            waiting.poll();
            waiting.expect("welcome").await;
            waiting.expect("caught-up").await;
            waiting
        }

        /// What the task does when it is woken.
        fn poll(&self) {
            let waker = Waker::from(self.woken.clone());
            let waits = self
                .desk
                .poll(&mut Context::from_waker(&waker), |talk, cx| {
                    while talk.socket.poll_ready(cx).is_ready() {
                        let Poll::Ready(events) = talk.subscriber.poll_next(cx) else {
                            break;
                        };
                        let events = EncodedFrames::new(events.unwrap());
                        talk.socket.write_through(cx, &events).unwrap();
                    }
                    let _ = talk.socket.poll_flush(cx);
                    Poll::<()>::Pending
                });
            assert!(waits.is_pending());
        }

        async fn publish(&self, text: &str) {
            let payload = format!(
                r#"{{"type":"message","time":1,"person":{{"id":"0000000000000000","name":"A"}},"text":"{text}"}}"#
            );
            let entry = NewEntry {
                time: 1,
                payload: payload.into(),
                key: None,
            };
            self.log.append(&lobby(), vec![entry]).await.unwrap();
        }

        /// Receives one message that says this.
        async fn expect(&mut self, part: &str) {
            let message = self.client.recv().await.unwrap();
            let Some(Message::Text(text)) = message else {
                panic!("{message:?}");
            };
            assert!(text.contains(part), "{text}");
        }
    }

    fn lobby() -> RoomName {
        RoomName::parse("lobby").unwrap()
    }

    #[tokio::test]
    async fn an_event_is_written_without_the_task() {
        let mut waiting = Waiting::new().await;
        for text in ["first", "second"] {
            waiting.publish(text).await;
            waiting.expect(text).await;
        }
        assert_eq!(waiting.woken.get(), 0);
    }

    #[tokio::test]
    async fn a_full_socket_wakes_the_task_which_loses_nothing_and_doubles_nothing() {
        let mut waiting = Waiting::new().await;
        let long = "x".repeat(100_000);
        let mut published = 0;
        while waiting.woken.get() == 0 {
            waiting.publish(&format!("{published} {long}")).await;
            published += 1;
            tokio::task::yield_now().await;
        }
        waiting.publish(&format!("{published} {long}")).await;
        for number in 0..=published {
            waiting.poll();
            // The task may have to write while the client reads.
            let Waiting {
                desk,
                woken,
                client,
                ..
            } = &mut waiting;
            let message = std::future::poll_fn(|cx| {
                let waker = Waker::from(woken.clone());
                let _ = desk.poll(&mut Context::from_waker(&waker), |talk, cx| {
                    talk.socket.poll_flush(cx).map(drop)
                });
                cx.waker().wake_by_ref();
                client.poll_recv(cx)
            });
            let Ok(Some(Message::Text(text))) = message.await else {
                panic!("the connection ended");
            };
            assert!(text.contains(&format!("\"{number} x")), "{number}");
        }
    }

    #[tokio::test]
    async fn who_has_news_while_the_task_is_at_the_desk_is_not_missed() {
        let waiting = Waiting::new().await;
        let waker = Waker::from(waiting.woken.clone());
        let desk = &waiting.desk;
        let waits = desk.poll(&mut Context::from_waker(&waker), |_, _| {
            desk.deliver();
            Poll::<()>::Pending
        });
        assert!(waits.is_pending());
        assert_eq!(waiting.woken.get(), 1);
    }

    #[tokio::test]
    async fn nothing_is_written_once_the_desk_is_cleared() {
        let waiting = Waiting::new().await;
        let talk = waiting.desk.clear().unwrap();
        waiting.publish("too late").await;
        tokio::task::yield_now().await;
        assert!(talk.socket.is_idle());
        assert!(talk.subscriber.is_behind());
    }
}
