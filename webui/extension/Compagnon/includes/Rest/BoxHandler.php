<?php

namespace MediaWiki\Extension\Compagnon\Rest;

use MediaWiki\Extension\Compagnon\BoxReply;
use MediaWiki\Extension\Compagnon\ServiceAwayException;
use MediaWiki\Extension\Compagnon\ServiceClient;
use MediaWiki\Extension\Compagnon\VisiblePages;
use MediaWiki\Rest\Response;
use Wikimedia\ParamValidator\ParamValidator;
use Wikimedia\ParamValidator\TypeDef\NumericDef;

/**
 * GET /compagnon/v0/box/{pageid}: related practices and people, for who may read the page.
 *
 * 200 with what the reader may see, 204 when the service has nothing to say, 404 when there is no such page or
 * the reader may not read it: the two look alike.
 */
class BoxHandler extends ServiceHandler {

	/** @var VisiblePages */
	private $pages;

	/** @var BoxReply */
	private $reply;

	/**
	 * @param ServiceClient $client
	 * @param VisiblePages $pages
	 * @param BoxReply $reply
	 */
	public function __construct( ServiceClient $client, VisiblePages $pages, BoxReply $reply ) {
		parent::__construct( $client );
		$this->pages = $pages;
		$this->reply = $reply;
	}

	/** @inheritDoc */
	public function getParamSettings() {
		return [
			'pageid' => [
				self::PARAM_SOURCE => 'path',
				ParamValidator::PARAM_TYPE => 'integer',
				ParamValidator::PARAM_REQUIRED => true,
				NumericDef::PARAM_MIN => 1,
			],
		];
	}

	/** @inheritDoc */
	public function execute(): Response {
		$pageId = $this->getValidatedParams()['pageid'];
		$reader = $this->getAuthority();
		if ( $this->pages->one( $pageId, $reader ) === null ) {
			return $this->refuse( 404 );
		}
		try {
			$reply = $this->client->get(
				$reader->getUser(), 'box', [ 'pageid' => $pageId ], [ BoxReply::class, 'read' ]
			);
		} catch ( ServiceAwayException $e ) {
			return $this->sayNothing();
		}
		if ( $reply->status() !== 200 || $reply->data()['pageid'] !== $pageId ) {
			return $this->sayNothing();
		}
		return $this->say( $this->reply->shown( $reply->data(), $reader ) );
	}
}
