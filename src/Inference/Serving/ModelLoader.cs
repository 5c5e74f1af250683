using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Serving;

/// <summary>How to load the model that is to run, once more or for the first time.</summary>
/// <param name="load">On the device it was asked for, or on the CPU instead.</param>
/// <param name="mayUseCpu">True if nobody insists on the device.</param>
/// <param name="workers">Threads that share a model whose windows need no order.</param>
public sealed class ModelLoader(Func<bool, IClipModel> load, bool mayUseCpu, int workers, TimeProvider time)
{
    /// <summary>Compiling engines takes minutes; longer takes only what never returns.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    // A native library that is still loading when the process ends may take it down in its own way.
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(3);

    public bool MayUseCpu => mayUseCpu;

    /// <summary>Loads and warms it up, on a thread of its own: that takes seconds.</summary>
    /// <param name="onCpu">Instead of the device it was asked for.</param>
    /// <exception cref="TimeoutException">The device or the model does not even answer; the thread is left behind.</exception>
    public async Task<IClipModel> LoadAsync(bool onCpu, CancellationToken cancel)
    {
        var loading = Task.Factory.StartNew(
            () => load(onCpu), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            var clock = new LivedTime(Step, time);
            for (var lived = TimeSpan.Zero; lived < Limit; lived += clock.Look())
            {
                await ((Task)loading).WaitAsync(Step, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (loading.IsCompleted)
                {
                    return await loading;
                }

                cancel.ThrowIfCancellationRequested();
            }

            throw new TimeoutException($"not loaded within {Limit.TotalMinutes:f0} minutes");
        }
        catch (Exception nobodyWaits) when (nobodyWaits is OperationCanceledException or TimeoutException)
        {
            var closing = CloseAsync(loading);
            await closing.WaitAsync(Goodbye, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Windows of one stream that may be worked on at once: those that share tokens follow each other.</summary>
    public int InFlightOf(IClipModel model) => model.Costs.KeepsTokens ? 1 : workers;

    private static async Task CloseAsync(Task<IClipModel> loading)
    {
        await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loading.IsCompletedSuccessfully)
        {
            (await loading).Dispose();
        }
    }
}
