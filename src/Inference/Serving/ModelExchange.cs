using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Serving;

/// <summary>Puts another model into the slot between two batches: no window is lost or scored twice, and every stream's answers
/// are the old one's up to one window and the new one's from the next.</summary>
/// <remarks>
/// Windows wait while the last runs of the old model end and its answers leave: as long as a batch. The new model was loaded
/// and warmed beside the old one, so for that time memory holds both.
/// </remarks>
public sealed class ModelExchange(ModelSlot slot, ClipSchedule clips, IStageWriter<ClipScores> scores) : IDisposable
{
    private readonly SemaphoreSlim _lock = new(1);

    /// <param name="next">Is the slot's from here on; one that does not get there is closed.</param>
    /// <param name="inFlight">Windows of one stream that may be worked on at once.</param>
    /// <param name="between">Called when the old model's last answer has been taken and none of the new one's was given.</param>
    /// <param name="isWanted">Asked when nobody else can change the model any more; null for always.</param>
    /// <returns>False if it was not wanted any more.</returns>
    public async Task<bool> PutAsync(
        IClipModel next, int inFlight, Action? between, CancellationToken cancel, Func<bool>? isWanted = null)
    {
        var isIn = false;
        try
        {
            await _lock.WaitAsync(cancel);
            try
            {
                if (isWanted?.Invoke() == false)
                {
                    return false;
                }

                await clips.HoldAsync().WaitAsync(cancel);
                await AnswersTakenAsync(cancel);
                slot.Put(next);
                isIn = true;
                between?.Invoke();
                clips.Open(inFlight);
                return true;
            }
            catch
            {
                _ = slot.IsEmpty ? clips.CloseAsync() : OpenAsync(); // as it was
                throw;
            }
            finally
            {
                _lock.Release();
            }
        }
        finally
        {
            if (!isIn)
            {
                next.Dispose();
            }
        }
    }

    /// <summary>Takes the model away: what cameras bring is turned away until another is there.</summary>
    /// <param name="model">Which one; if another has taken its place meanwhile, nothing happens.</param>
    /// <param name="gone">Called before another can be put in.</param>
    /// <returns>False if it is another.</returns>
    public async Task<bool> TakeAwayAsync(IClipModel model, Action gone, CancellationToken cancel)
    {
        await _lock.WaitAsync(cancel);
        try
        {
            if (!ReferenceEquals(slot.Model, model))
            {
                return false;
            }

            await clips.CloseAsync().WaitAsync(cancel);
            slot.Empty();
            gone();
            return true;
        }
        finally
        {
            _lock.Release();
        }
    }

    public void Dispose() => _lock.Dispose();

    private Task OpenAsync()
    {
        clips.Open();
        return Task.CompletedTask;
    }

    private async Task AnswersTakenAsync(CancellationToken cancel)
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await scores.WriteAsync(ClipScores.Mark(taken.SetResult), cancel);
        await taken.Task.WaitAsync(cancel);
    }
}
