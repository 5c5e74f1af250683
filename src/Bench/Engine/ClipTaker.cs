using System.Threading.Channels;
using ActionStream.Core.Media;

namespace ActionStream.Bench.Engine;

/// <summary>Takes clips as inference would, and lets them go.</summary>
internal sealed class ClipTaker(int cameras)
{
    private readonly HashSet<string> _seen = [];
    private readonly TaskCompletionSource _allSeen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Every camera has given a clip.</summary>
    public Task AllSeen => _allSeen.Task;

    public async Task RunAsync(ChannelReader<Clip> clips)
    {
        await foreach (var clip in clips.ReadAllAsync())
        {
            using (clip)
            {
                Interlocked.Increment(ref _count);
                if (!_allSeen.Task.IsCompleted && _seen.Add(clip.Stream) && _seen.Count == cameras)
                {
                    _allSeen.SetResult();
                }
            }
        }
    }
}
