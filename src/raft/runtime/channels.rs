//! openraft's channel traits on [`sim::channel`](crate::sim::channel).
//!
//! Architecture invariant: translation only; what channels do is decided in `sim`.

use std::cell::Ref;
use std::future::Future;

use openraft::OptionalSend;
use openraft::rt;

use crate::sim::channel::{mpsc, oneshot, watch};

/// Queues.
#[derive(Debug)]
pub struct SimMpsc;

impl rt::Mpsc for SimMpsc {
    type Sender<T: OptionalSend> = mpsc::Sender<T>;
    type Receiver<T: OptionalSend> = mpsc::Receiver<T>;
    type WeakSender<T: OptionalSend> = mpsc::WeakSender<T>;

    fn channel<T: OptionalSend>(buffer: usize) -> (mpsc::Sender<T>, mpsc::Receiver<T>) {
        mpsc::bounded(buffer)
    }
}

impl<T: OptionalSend> rt::MpscSender<SimMpsc, T> for mpsc::Sender<T> {
    async fn send(&self, value: T) -> Result<(), rt::SendError<T>> {
        mpsc::Sender::send(self, value).await.map_err(|refused| rt::SendError(refused.0))
    }

    fn downgrade(&self) -> mpsc::WeakSender<T> {
        mpsc::Sender::downgrade(self)
    }
}

impl<T: OptionalSend> rt::MpscReceiver<T> for mpsc::Receiver<T> {
    fn recv(&mut self) -> impl Future<Output = Option<T>> + OptionalSend {
        mpsc::Receiver::recv(self)
    }

    fn try_recv(&mut self) -> Result<T, rt::TryRecvError> {
        mpsc::Receiver::try_recv(self).map_err(|error| match error {
            mpsc::TryRecvError::Empty => rt::TryRecvError::Empty,
            mpsc::TryRecvError::Disconnected => rt::TryRecvError::Disconnected,
        })
    }
}

impl<T: OptionalSend> rt::MpscWeakSender<SimMpsc, T> for mpsc::WeakSender<T> {
    fn upgrade(&self) -> Option<mpsc::Sender<T>> {
        mpsc::WeakSender::upgrade(self)
    }
}

/// Single answers.
#[derive(Debug)]
pub struct SimOneshot;

impl rt::Oneshot for SimOneshot {
    type Sender<T: OptionalSend> = oneshot::Sender<T>;
    type Receiver<T: OptionalSend> = oneshot::Receiver<T>;
    type ReceiverError = oneshot::Closed;

    fn channel<T: OptionalSend>() -> (oneshot::Sender<T>, oneshot::Receiver<T>) {
        oneshot::channel()
    }
}

impl<T: OptionalSend> rt::OneshotSender<T> for oneshot::Sender<T> {
    fn send(self, value: T) -> Result<(), T> {
        oneshot::Sender::send(self, value)
    }
}

/// Latest values.
#[derive(Debug)]
pub struct SimWatch;

impl rt::Watch for SimWatch {
    type Sender<T: OptionalSend + rt::OptionalSync> = watch::Sender<T>;
    type Receiver<T: OptionalSend + rt::OptionalSync> = watch::Receiver<T>;
    type Ref<'a, T: OptionalSend + 'a> = Ref<'a, T>;

    fn channel<T: OptionalSend + rt::OptionalSync>(
        value: T,
    ) -> (watch::Sender<T>, watch::Receiver<T>) {
        watch::channel(value)
    }
}

impl<T: OptionalSend + rt::OptionalSync> rt::WatchSender<SimWatch, T> for watch::Sender<T> {
    fn send(&self, value: T) -> Result<(), rt::watch::SendError<T>> {
        watch::Sender::send(self, value).map_err(|refused| rt::watch::SendError(refused.0))
    }

    fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        watch::Sender::send_if_modified(self, modify)
    }

    fn borrow_watched(&self) -> Ref<'_, T> {
        self.borrow()
    }

    fn subscribe(&self) -> watch::Receiver<T> {
        watch::Sender::subscribe(self)
    }
}

impl<T: OptionalSend + rt::OptionalSync> rt::WatchReceiver<SimWatch, T> for watch::Receiver<T> {
    async fn changed(&mut self) -> Result<(), rt::RecvError> {
        watch::Receiver::changed(self).await.map_err(|watch::Closed| rt::watch::RecvError(()))
    }

    fn borrow_watched(&self) -> Ref<'_, T> {
        self.borrow()
    }

    fn borrow_and_update(&mut self) -> Ref<'_, T> {
        watch::Receiver::borrow_and_update(self)
    }
}
