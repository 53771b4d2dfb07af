<?php

namespace MediaWiki\Extension\Compagnon\Rest;

use IDBAccessObject;
use MediaWiki\Extension\Compagnon\ServiceClient;
use MediaWiki\Rest\Handler;
use MediaWiki\Rest\Response;
use MediaWiki\Rest\ResponseInterface;
use Title;

/**
 * What the routes to the service have in common.
 *
 * The body of a request is read here and not by the framework, whose ways have changed between the versions of
 * MediaWiki that this works with.
 */
abstract class ServiceHandler extends Handler {

	/** @var ServiceClient */
	protected $client;

	/**
	 * @param ServiceClient $client
	 */
	public function __construct( ServiceClient $client ) {
		$this->client = $client;
	}

	/** @inheritDoc */
	public function needsWriteAccess() {
		return false;
	}

	/**
	 * An answer that depends on who reads it stays in no cache.
	 *
	 * @param ResponseInterface $response
	 */
	public function applyCacheControl( ResponseInterface $response ) {
		$response->setHeader( 'Cache-Control', 'private, no-store' );
	}

	/**
	 * @param array $data
	 * @return Response
	 */
	protected function say( array $data ): Response {
		$response = $this->getResponseFactory()->createJson( $data );
		$this->applyCacheControl( $response );
		return $response;
	}

	/**
	 * An answer without a body. When the service is away a reader is told 204: there is nothing to show, and a
	 * browser's console does not fill with errors.
	 *
	 * @return Response
	 */
	protected function sayNothing(): Response {
		$response = $this->getResponseFactory()->create();
		$response->setStatus( 204 );
		$this->applyCacheControl( $response );
		return $response;
	}

	/**
	 * @param int $status
	 * @return Response
	 */
	protected function refuse( int $status ): Response {
		$response = $this->getResponseFactory()->createHttpError( $status );
		$this->applyCacheControl( $response );
		return $response;
	}

	/**
	 * Whether a request says that it is larger than it may be.
	 *
	 * @param int $mostBytes
	 * @return bool
	 */
	protected function isTooLarge( int $mostBytes ): bool {
		return (int)$this->getRequest()->getHeaderLine( 'Content-Length' ) > $mostBytes;
	}

	/**
	 * The request's JSON object; null when it has none, or one that is too large.
	 *
	 * Only JSON is taken: a form of another site cannot send it.
	 *
	 * @param int $mostBytes
	 * @return array|null
	 */
	protected function readObject( int $mostBytes ): ?array {
		$request = $this->getRequest();
		$type = strtolower( trim( explode( ';', $request->getHeaderLine( 'Content-Type' ) )[0] ) );
		if ( $type !== 'application/json' || $this->isTooLarge( $mostBytes ) ) {
			return null;
		}
		$body = $this->readBody( $mostBytes );
		$data = $body === null ? null : json_decode( $body, true, 8 );
		return is_array( $data ) ? $data : null;
	}

	/**
	 * The request's body as it was sent; null when it is too large.
	 *
	 * @param int $mostBytes
	 * @return string|null
	 */
	protected function readBody( int $mostBytes ): ?string {
		$body = '';
		$stream = $this->getRequest()->getBody();
		if ( $stream->isSeekable() ) {
			$stream->rewind();
		}
		while ( !$stream->eof() && strlen( $body ) <= $mostBytes ) {
			$body .= $stream->read( 65536 );
		}
		return strlen( $body ) > $mostBytes ? null : $body;
	}

	/**
	 * A number of a request's object that is not negative; null when it is none.
	 *
	 * @param array $data
	 * @param string $field
	 * @return int|null
	 */
	protected function readNumber( array $data, string $field ): ?int {
		$number = $data[$field] ?? null;
		return is_int( $number ) && $number >= 0 ? $number : null;
	}

	/**
	 * Whether a page has, or had, such a revision. One that is still to come would be newer than all that people
	 * say of the page's links for years.
	 *
	 * @param Title $title
	 * @param int $revId
	 * @return bool
	 */
	protected function isPossible( Title $title, int $revId ): bool {
		// Who has just saved may be ahead of a copy of the database.
		return $revId <= $title->getLatestRevID() ||
			$revId <= $title->getLatestRevID( IDBAccessObject::READ_LATEST );
	}

	/**
	 * A text of a request's object; null when it is none, or longer than it may be.
	 *
	 * @param array $data
	 * @param string $field
	 * @param int $mostBytes
	 * @return string|null
	 */
	protected function readText( array $data, string $field, int $mostBytes ): ?string {
		$text = $data[$field] ?? null;
		return is_string( $text ) && strlen( $text ) <= $mostBytes ? $text : null;
	}
}
