using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Serving;

/// <summary>How to load the model that is to run, once more or for the first time.</summary>
/// <param name="load">On the device it was asked for, or on the CPU instead.</param>
/// <param name="mayUseCpu">True if nobody insists on the device.</param>
/// <param name="workers">Threads that share a model whose windows need no order.</param>
public sealed class ModelLoader(Func<bool, IClipModel> load, bool mayUseCpu, int workers)
{
    public bool MayUseCpu => mayUseCpu;

    /// <summary>Loads and warms it up, on a thread of its own: that takes seconds.</summary>
    /// <param name="onCpu">Instead of the device it was asked for.</param>
    public Task<IClipModel> LoadAsync(bool onCpu = false) => Task.Factory.StartNew(
        () => load(onCpu), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Windows of one stream that may be worked on at once: those that share tokens follow each other.</summary>
    public int InFlightOf(IClipModel model) => model.Costs.KeepsTokens ? 1 : workers;
}
