using ActionStream.Core.Results;
using ActionStream.Publish.Events;

namespace ActionStream.Publish;

/// <content>What becomes of events and states while there is no model to ask.</content>
public sealed partial class PublishStage
{
    private ModelStatus _modelStatus;

    /// <summary>The model is gone, runs elsewhere, or is back. From any thread.</summary>
    public void Report(ModelStatus value)
    {
        lock (_lock)
        {
            _modelStatus = value;
            foreach (var publisher in _publishers.Values)
            {
                if (value.State is ModelState.Lost)
                {
                    Finish(publisher, EndReason.ModelLost); // no decision will follow that could end them
                }

                publisher.PublishModel(value.State is not ModelState.Lost);
            }

            PublishNodeInfo();
        }
    }
}
