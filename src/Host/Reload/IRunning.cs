using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Inference;

namespace ActionStream.Host.Reload;

/// <summary>What runs, as far as another configuration can change it.</summary>
internal interface IRunning
{
    /// <summary>The cameras alone.</summary>
    CameraSet Cameras { get; }

    /// <summary>Loads the model that a configuration names beside the one that runs, on a thread of its own.</summary>
    Task<LoadedModel> LoadAsync(LoadedConfiguration wanted, CancellationToken cancel);

    /// <summary>Opens whatever another configuration needs of the model that runs, while nothing has changed yet.</summary>
    void Prepare(LoadedConfiguration wanted);

    /// <summary>The cameras, and the model in the place of the one that runs.</summary>
    /// <param name="next">Belongs to what runs from here on.</param>
    Task ExchangeAsync(
        LoadedConfiguration running, LoadedConfiguration wanted, LoadedModel next, CameraChanges changes, CancellationToken cancel);

    /// <summary>Counts what became of another model.</summary>
    void CountChange(bool isTaken);
}
