using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ActionStream.Core.Media;

namespace ActionStream.Inference.Scheduling;

/// <content>The two ends of the channel.</content>
public sealed partial class ClipSchedule
{
    private sealed class Input(ClipSchedule schedule) : ChannelWriter<Clip>
    {
        public override bool TryWrite(Clip item)
        {
            lock (schedule._lock)
            {
                return !schedule._isCompleted && schedule.TryOffer(item);
            }
        }

        public override async ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
        {
            // Whose stream queue has room is not known here: the writer tries, and comes back.
            Task room;
            lock (schedule._lock)
            {
                if (schedule._isCompleted || schedule._options.Sheds || schedule._all.All(queue => queue.Waiting.Count < schedule._options.Waiting))
                {
                    return !schedule._isCompleted;
                }

                room = schedule._writable.WaitAsync(cancellationToken);
            }

            await room;
            return true;
        }

        public override bool TryComplete(Exception? error = null)
        {
            lock (schedule._lock)
            {
                if (schedule._isCompleted)
                {
                    return false;
                }

                (schedule._isCompleted, schedule._fault) = (true, error);
                schedule._writable.WakeAll();
                schedule.CompleteIfEmpty();
                return true;
            }
        }
    }

    private sealed class Output(ClipSchedule schedule) : ChannelReader<Clip>
    {
        public override Task Completion => schedule._completion.Task;

        public override bool CanCount => true;

        public override int Count
        {
            get
            {
                lock (schedule._lock)
                {
                    return schedule._waiting;
                }
            }
        }

        /// <summary>For those who only clear up: workers take by <see cref="TryTake"/>.</summary>
        public override bool TryRead([MaybeNullWhen(false)] out Clip item)
        {
            lock (schedule._lock)
            {
                var queue = Array.Find(schedule._all, queue => queue.Waiting.Count > 0);
                item = queue is null ? null : schedule.Remove(queue);
                return item is not null;
            }
        }

        public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                Task news;
                lock (schedule._lock)
                {
                    if (schedule.IsAnyReady(out var isOver) || isOver)
                    {
                        return !isOver;
                    }

                    news = schedule._readable.WaitAsync(cancellationToken);
                }

                await news;
            }
        }
    }
}
