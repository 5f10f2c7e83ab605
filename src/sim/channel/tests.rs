//! The channels' promises.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::mpsc::{SendError, TryRecvError, TrySendError};
use super::{mpsc, mutex, oneshot, watch};
use crate::sim::{Group, World, spawn, timeout, yield_now};

const MS: Duration = Duration::from_millis(1);

fn run(future: impl Future<Output = ()> + 'static) {
    let world = World::new(1);
    let task = world.spawn_in(Group(1), future);
    world.block_on(task).expect("nobody kills it");
}

/// Polls a future once and keeps it.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

#[test]
fn waiting_senders_enter_in_line_and_nobody_passes() {
    run(async {
        let (sender, mut receiver) = mpsc::bounded(1);
        for number in 0..4 {
            let sender = sender.clone();
            spawn(async move { sender.send(number).await });
        }
        yield_now().await;
        assert_eq!(receiver.try_recv(), Ok(0));
        assert_eq!(sender.try_send(9), Err(TrySendError::Full(9)));
        assert!(poll_once(&mut sender.send(9)).await.is_pending(), "a newcomer passed");
        let mut received = Vec::new();
        while received.len() < 3 {
            received.extend(receiver.recv().await);
        }
        assert_eq!(received, [1, 2, 3]);
        assert_eq!(sender.try_send(9), Ok(()));
    });
}

#[test]
fn a_sender_that_gives_up_passes_its_place_on() {
    run(async {
        let (sender, mut receiver) = mpsc::bounded(1);
        sender.try_send(0).unwrap();
        let (mut first, mut second) = (sender.send(1), sender.send(2));
        assert!(poll_once(&mut first).await.is_pending());
        assert!(poll_once(&mut second).await.is_pending());
        assert_eq!(receiver.try_recv(), Ok(0));
        drop(first);
        assert_eq!(poll_once(&mut second).await, Poll::Ready(Ok(())));
        assert_eq!(receiver.recv().await, Some(2));
    });
}

#[test]
fn a_closed_queue_refuses_and_drains() {
    run(async {
        let (sender, mut receiver) = mpsc::bounded(2);
        sender.send(1).await.unwrap();
        receiver.close();
        assert_eq!(sender.send(2).await, Err(SendError(2)));
        assert_eq!(sender.try_send(2), Err(TrySendError::Closed(2)));
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
        let (sender, mut receiver) = mpsc::unbounded::<u8>();
        let waiting = spawn(async move { receiver.recv().await });
        yield_now().await;
        drop(sender.clone());
        drop(sender);
        assert_eq!(waiting.await, Ok(None));
    });
}

#[test]
fn a_dropped_receiver_drops_its_values_and_frees_waiting_senders() {
    run(async {
        let value = Rc::new(());
        let (sender, receiver) = mpsc::bounded(1);
        sender.send(value.clone()).await.unwrap();
        let (waiting, last) = (sender.clone(), value.clone());
        let waiting = spawn(async move { waiting.send(last).await.is_err() });
        yield_now().await;
        drop(receiver);
        assert_eq!(waiting.await, Ok(true));
        assert_eq!(Rc::strong_count(&value), 1);
        assert!(sender.is_closed());
    });
}

#[test]
fn an_unbounded_queue_keeps_order_and_never_waits() {
    run(async {
        let (sender, mut receiver) = mpsc::unbounded();
        (0..1000).for_each(|number| sender.send(number).unwrap());
        assert_eq!((receiver.len(), receiver.is_empty()), (1000, false));
        for number in 0..1000 {
            assert_eq!(receiver.recv().await, Some(number));
        }
        drop(receiver);
        assert_eq!(sender.send(1), Err(SendError(1)));
    });
}

#[test]
fn one_answer_or_the_news_that_there_will_be_none() {
    run(async {
        let (sender, receiver) = oneshot::channel();
        let waiting = spawn(receiver);
        yield_now().await;
        assert_eq!(sender.send(7), Ok(()));
        assert_eq!(waiting.await, Ok(Ok(7)));
        let (sender, receiver) = oneshot::channel::<u8>();
        drop(sender);
        assert_eq!(receiver.await, Err(oneshot::Closed));
        let (sender, receiver) = oneshot::channel();
        assert!(!sender.is_closed());
        drop(receiver);
        assert!(sender.is_closed());
        assert_eq!(sender.send(7), Err(7));
    });
}

#[test]
fn watchers_see_the_newest_value_once() {
    run(async {
        let (sender, mut receiver) = watch::channel(0);
        assert!(!receiver.has_changed());
        sender.send(1).unwrap();
        sender.send(2).unwrap();
        assert_eq!(receiver.changed().await, Ok(()));
        assert_eq!(*receiver.borrow_and_update(), 2);
        assert!(timeout(MS, receiver.changed()).await.is_err());
        assert!(!sender.send_if_modified(|_| false));
        assert!(sender.send_if_modified(|value| std::mem::replace(value, 3) != 3));
        drop(sender);
        assert_eq!(receiver.changed().await, Ok(()));
        assert_eq!(receiver.changed().await, Err(watch::Closed));
        assert_eq!(*receiver.borrow(), 3);
        let (sender, mut receiver) = watch::channel(());
        let waiting = spawn(async move { receiver.changed().await });
        yield_now().await;
        drop(sender.clone());
        drop(sender);
        assert_eq!(waiting.await, Ok(Err(watch::Closed)));
    });
}

#[test]
fn watchers_are_woken_in_the_order_they_wait() {
    run(async {
        let (sender, receiver) = watch::channel(());
        let (noting, mut noted) = mpsc::unbounded();
        for number in 0..5 {
            let (mut receiver, noting) = (receiver.clone(), noting.clone());
            spawn(async move {
                receiver.changed().await.unwrap();
                noting.send(number).unwrap();
            });
        }
        drop((receiver, noting));
        yield_now().await;
        assert_eq!(sender.receivers(), 5);
        sender.send(()).unwrap();
        let mut order = Vec::new();
        while let Some(number) = noted.recv().await {
            order.push(number);
        }
        assert_eq!(order, [0, 1, 2, 3, 4]);
        assert_eq!(sender.send(()), Err(watch::SendError(())));
    });
}

#[test]
fn the_lock_goes_to_who_waits_longest() {
    run(async {
        let lock = mutex::Mutex::new(Vec::new());
        let held = lock.lock().await;
        let (mut first, mut second, mut third) = (lock.lock(), lock.lock(), lock.lock());
        assert!(poll_once(&mut first).await.is_pending());
        assert!(poll_once(&mut second).await.is_pending());
        drop(held);
        assert!(poll_once(&mut third).await.is_pending(), "a newcomer passed");
        assert!(poll_once(&mut second).await.is_pending(), "the second passed the first");
        drop(first);
        match poll_once(&mut second).await {
            Poll::Ready(mut guard) => guard.push(2),
            Poll::Pending => panic!("the place was not passed on"),
        }
        assert_eq!(*third.await, [2]);
    });
}
